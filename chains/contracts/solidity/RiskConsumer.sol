// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IRiskOracle} from "./IRiskOracle.sol";
import {PublicationData} from "./RiskMessage.sol";

/// @title Example of a protocol that follows one published parameter, with the checks that risk stewards make.
/// @notice Anybody may call `follow`. An update is taken once, while it is young, not too soon after the one before,
/// and only if it changes the value by no more than a share of it.
contract RiskConsumer {
    uint256 private constant BPS = 10_000;

    IRiskOracle public immutable oracle;
    address public immutable market;
    string public updateType;
    /// Seconds after its publication on the hub for which an update may be taken.
    uint256 public immutable maxAge;
    /// Seconds between two changes.
    uint256 public immutable minDelay;
    /// Largest change, in basis points of the value in force.
    uint256 public immutable maxChangeBps;

    uint256 public value;
    uint256 public lastUpdateId;
    uint256 public changedAt;

    event Changed(uint256 indexed updateId, uint256 from, uint256 to);

    error AlreadyTaken(uint256 updateId);
    error Expired(uint256 publishedAt);
    error TooSoon(uint256 nextChangeAt);
    error ChangeTooLarge(uint256 from, uint256 to);

    constructor(
        IRiskOracle oracle_,
        address market_,
        string memory updateType_,
        uint256 initialValue,
        uint256 maxAge_,
        uint256 minDelay_,
        uint256 maxChangeBps_
    ) {
        (oracle, market, updateType, value) = (oracle_, market_, updateType_, initialValue);
        (maxAge, minDelay, maxChangeBps) = (maxAge_, minDelay_, maxChangeBps_);
    }

    function follow() external {
        IRiskOracle.RiskParameterUpdate memory update =
            oracle.getLatestUpdateByParameterAndMarket(updateType, market);
        if (update.updateId <= lastUpdateId) revert AlreadyTaken(update.updateId);
        // The oracle's own time is that of arrival: a message that was stuck for a day would look new.
        (, uint64 publishedAt) = PublicationData.decode(update.additionalData);
        if (publishedAt + maxAge < block.timestamp) revert Expired(publishedAt);
        if (changedAt != 0 && changedAt + minDelay > block.timestamp) revert TooSoon(changedAt + minDelay);
        uint256 next = abi.decode(update.newValue, (uint256));
        uint256 change = next > value ? next - value : value - next;
        if (change * BPS > value * maxChangeBps) revert ChangeTooLarge(value, next);
        emit Changed(update.updateId, value, next);
        (value, lastUpdateId, changedAt) = (next, update.updateId, block.timestamp);
    }
}
