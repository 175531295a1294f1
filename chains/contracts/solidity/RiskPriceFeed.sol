// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";
import {IRiskOracle} from "./IRiskOracle.sol";
import {PublicationData} from "./RiskMessage.sol";

/// @title A published price behind Chainlink's AggregatorV3Interface, for readers that know only that.
/// @notice Rounds are update ids of the oracle. `updatedAt` is the time of publication on the hub, not of arrival
/// here, so that a reader's own check of age finds a message that was stuck.
contract RiskPriceFeed is AggregatorV3Interface {
    uint8 public constant decimals = 8;
    uint256 public constant version = 1;
    /// Published prices have 18 decimals.
    uint256 private constant SCALE = 1e10;

    IRiskOracle public immutable oracle;
    address public immutable market;
    string public updateType;
    string public description;

    error NoSuchRound(uint80 roundId);

    constructor(IRiskOracle oracle_, address market_, string memory updateType_, string memory description_) {
        (oracle, market, updateType, description) = (oracle_, market_, updateType_, description_);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return _round(oracle.getLatestUpdateByParameterAndMarket(updateType, market));
    }

    /// @notice Reverts for an update of another market or type.
    function getRoundData(uint80 roundId) external view returns (uint80, int256, uint256, uint256, uint80) {
        IRiskOracle.RiskParameterUpdate memory update = oracle.getUpdateById(roundId);
        bool sameType = keccak256(bytes(update.updateType)) == keccak256(bytes(updateType));
        if (update.market != market || !sameType) revert NoSuchRound(roundId);
        return _round(update);
    }

    function _round(IRiskOracle.RiskParameterUpdate memory update)
        private
        pure
        returns (uint80, int256, uint256, uint256, uint80)
    {
        (, uint64 publishedAt) = PublicationData.decode(update.additionalData);
        int256 answer = int256(abi.decode(update.newValue, (uint256)) / SCALE);
        return (uint80(update.updateId), answer, publishedAt, publishedAt, uint80(update.updateId));
    }
}
