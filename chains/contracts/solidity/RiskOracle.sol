// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IRiskOracle} from "./IRiskOracle.sol";
import {Owned} from "./Owned.sol";

/// @title Risk parameters as published, newest and all before it, per market and type.
/// @notice Written by authorised senders only (here RiskHub or RiskReceiver), and only inside bounds that the owner of
/// this chain's oracle has set: a forged message cannot carry a value beyond them.
/// @dev Invariants: updateCounter grows by one per update; the latest update of a line is the last one published for
/// it; no value outside the bounds in force at that moment is ever stored.
contract RiskOracle is IRiskOracle, Owned {
    /// What cannot be derived, in as few slots as possible.
    struct Entry {
        address market;
        uint40 timestamp;
        uint40 previousId;
        uint16 typeId;
        uint256 value;
        string referenceId;
        bytes additionalData;
    }

    /// Bounds and latest update of one market and type. No bounds (max 0): nothing can be published.
    struct Line {
        uint128 min;
        uint128 max;
        uint256 latestId;
    }

    string public description;
    uint256 public updateCounter;
    mapping(address sender => bool authorized) public isAuthorized;
    string[] private _updateTypes;
    /// Counts from 1; 0 means unknown.
    mapping(string updateType => uint256 typeId) private _typeIds;
    mapping(address market => mapping(uint256 typeId => Line)) private _lines;
    mapping(uint256 updateId => Entry) private _entries;

    event BoundsSet(address indexed market, string indexed updateType, uint256 min, uint256 max);

    error NotAuthorized(address sender);
    error LengthMismatch();
    error UnknownUpdateType(string updateType);
    error InvalidUpdateType(string updateType);
    error InvalidBounds(uint256 min, uint256 max);
    error NoBounds(address market, string updateType);
    error OutOfBounds(uint256 value, uint256 min, uint256 max);
    error NotOneWord(uint256 bytesGiven);
    error NoUpdate(address market, string updateType);
    error InvalidUpdateId(uint256 updateId);

    constructor(string memory description_, address[] memory senders, string[] memory updateTypes) Owned(msg.sender) {
        description = description_;
        for (uint256 i; i < senders.length; ++i) _authorize(senders[i]);
        for (uint256 i; i < updateTypes.length; ++i) _addUpdateType(updateTypes[i]);
    }

    modifier onlyAuthorized() {
        if (!isAuthorized[msg.sender]) revert NotAuthorized(msg.sender);
        _;
    }

    function addAuthorizedSender(address sender) external onlyOwner {
        _authorize(sender);
    }

    function removeAuthorizedSender(address sender) external onlyOwner {
        isAuthorized[sender] = false;
        emit AuthorizedSenderRemoved(sender);
    }

    function addUpdateType(string calldata newUpdateType) external onlyOwner {
        _addUpdateType(newUpdateType);
    }

    /// @notice Smallest and largest value that may be published for the market and type, both included. What has been
    /// published before stays.
    function setBounds(string calldata updateType, address market, uint128 min, uint128 max) external onlyOwner {
        if (min > max || max == 0) revert InvalidBounds(min, max);
        Line storage line = _lines[market][_typeIdOf(updateType)];
        line.min = min;
        line.max = max;
        emit BoundsSet(market, updateType, min, max);
    }

    function publishRiskParameterUpdate(
        string calldata referenceId,
        bytes calldata newValue,
        string calldata updateType,
        address market,
        bytes calldata additionalData
    ) external onlyAuthorized {
        _publish(referenceId, newValue, updateType, market, additionalData);
    }

    function publishBulkRiskParameterUpdates(
        string[] calldata referenceIds,
        bytes[] calldata newValues,
        string[] calldata updateTypes,
        address[] calldata markets,
        bytes[] calldata additionalData
    ) external onlyAuthorized {
        uint256 count = referenceIds.length;
        if (
            newValues.length != count || updateTypes.length != count || markets.length != count
                || additionalData.length != count
        ) revert LengthMismatch();
        for (uint256 i; i < count; ++i) {
            _publish(referenceIds[i], newValues[i], updateTypes[i], markets[i], additionalData[i]);
        }
    }

    function boundsOf(address market, string calldata updateType) external view returns (uint256 min, uint256 max) {
        Line storage line = _lines[market][_typeIdOf(updateType)];
        return (line.min, line.max);
    }

    function getAllUpdateTypes() external view returns (string[] memory) {
        return _updateTypes;
    }

    function latestUpdateIdByMarketAndType(address market, string calldata updateType)
        external
        view
        returns (uint256)
    {
        return _lines[market][_typeIds[updateType]].latestId;
    }

    function getLatestUpdateByParameterAndMarket(string calldata updateType, address market)
        external
        view
        returns (RiskParameterUpdate memory)
    {
        uint256 updateId = _lines[market][_typeIds[updateType]].latestId;
        if (updateId == 0) revert NoUpdate(market, updateType);
        return _read(updateId);
    }

    function getUpdateById(uint256 updateId) external view returns (RiskParameterUpdate memory) {
        if (updateId == 0 || updateId > updateCounter) revert InvalidUpdateId(updateId);
        return _read(updateId);
    }

    function _publish(
        string calldata referenceId,
        bytes calldata newValue,
        string calldata updateType,
        address market,
        bytes calldata additionalData
    ) private {
        (uint256 updateId, uint256 previousId) = _take(newValue, updateType, market);
        _entries[updateId].referenceId = referenceId;
        _entries[updateId].additionalData = additionalData;
        emit ParameterUpdated(
            referenceId,
            newValue,
            _valueOf(previousId),
            block.timestamp,
            updateType,
            updateId,
            market,
            additionalData
        );
    }

    /// Checks a value against its line and gives it the next id.
    function _take(bytes calldata newValue, string calldata updateType, address market)
        private
        returns (uint256 updateId, uint256 previousId)
    {
        if (newValue.length != 32) revert NotOneWord(newValue.length);
        uint256 value = uint256(bytes32(newValue));
        uint256 typeId = _typeIdOf(updateType);
        Line storage line = _lines[market][typeId];
        (uint256 min, uint256 max) = (line.min, line.max);
        if (max == 0) revert NoBounds(market, updateType);
        if (value < min || value > max) revert OutOfBounds(value, min, max);
        previousId = line.latestId;
        updateId = ++updateCounter;
        line.latestId = updateId;
        Entry storage entry = _entries[updateId];
        entry.market = market;
        entry.timestamp = uint40(block.timestamp);
        entry.previousId = uint40(previousId);
        entry.typeId = uint16(typeId);
        entry.value = value;
    }

    function _read(uint256 updateId) private view returns (RiskParameterUpdate memory) {
        Entry storage entry = _entries[updateId];
        return RiskParameterUpdate({
            timestamp: entry.timestamp,
            newValue: abi.encode(entry.value),
            referenceId: entry.referenceId,
            previousValue: _valueOf(entry.previousId),
            updateType: _updateTypes[entry.typeId - 1],
            updateId: updateId,
            market: entry.market,
            additionalData: entry.additionalData
        });
    }

    function _valueOf(uint256 updateId) private view returns (bytes memory) {
        return updateId == 0 ? bytes("") : abi.encode(_entries[updateId].value);
    }

    function _typeIdOf(string calldata updateType) private view returns (uint256 typeId) {
        typeId = _typeIds[updateType];
        if (typeId == 0) revert UnknownUpdateType(updateType);
    }

    function _authorize(address sender) private {
        isAuthorized[sender] = true;
        emit AuthorizedSenderAdded(sender);
    }

    function _addUpdateType(string memory updateType) private {
        uint256 length = bytes(updateType).length;
        if (length == 0 || length > 64 || _typeIds[updateType] != 0 || _updateTypes.length == type(uint16).max) {
            revert InvalidUpdateType(updateType);
        }
        _updateTypes.push(updateType);
        _typeIds[updateType] = _updateTypes.length;
        emit UpdateTypeAdded(updateType);
    }
}
