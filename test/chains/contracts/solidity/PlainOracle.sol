// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IRiskOracle} from "../../../../chains/contracts/solidity/IRiskOracle.sol";

/// @title The yardstick of gas: stores the struct as it is and emits the same event, and does nothing else.
contract PlainOracle {
    mapping(uint256 updateId => IRiskOracle.RiskParameterUpdate) public updates;

    function publish(
        uint256 updateId,
        string calldata referenceId,
        bytes calldata newValue,
        bytes calldata previousValue,
        string calldata updateType,
        address market,
        bytes calldata additionalData
    ) external {
        updates[updateId] = IRiskOracle.RiskParameterUpdate({
            timestamp: block.timestamp,
            newValue: newValue,
            referenceId: referenceId,
            previousValue: previousValue,
            updateType: updateType,
            updateId: updateId,
            market: market,
            additionalData: additionalData
        });
        emit IRiskOracle.ParameterUpdated(
            referenceId, newValue, previousValue, block.timestamp, updateType, updateId, market, additionalData
        );
    }
}
