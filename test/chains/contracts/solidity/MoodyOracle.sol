// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

/// @title In the place of a RiskOracle for a receiver under test: takes updates, or refuses them, as told.
contract MoodyOracle {
    bool public refusing;
    uint256[] public values;

    error InABadMood();

    function setRefusing(bool refusing_) external {
        refusing = refusing_;
    }

    function publishRiskParameterUpdate(
        string calldata,
        bytes calldata newValue,
        string calldata,
        address,
        bytes calldata
    ) external {
        if (refusing) revert InABadMood();
        values.push(abi.decode(newValue, (uint256)));
    }
}
