// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

/// @title The interface of the Chaos Labs risk oracle, which lending markets of the Aave family already read.
interface IRiskOracle {
    struct RiskParameterUpdate {
        /// Time of the block that published it on this chain.
        uint256 timestamp;
        /// The value, abi-encoded; here always one uint256.
        bytes newValue;
        /// What the publisher calls this update outside the chain.
        string referenceId;
        /// `newValue` of the update before it for the same market and type; empty for the first.
        bytes previousValue;
        string updateType;
        /// Counts from 1 over all markets and types.
        uint256 updateId;
        address market;
        bytes additionalData;
    }

    event ParameterUpdated(
        string referenceId,
        bytes newValue,
        bytes previousValue,
        uint256 timestamp,
        string indexed updateType,
        uint256 indexed updateId,
        address indexed market,
        bytes additionalData
    );
    event AuthorizedSenderAdded(address indexed sender);
    event AuthorizedSenderRemoved(address indexed sender);
    event UpdateTypeAdded(string indexed updateType);

    function publishRiskParameterUpdate(
        string calldata referenceId,
        bytes calldata newValue,
        string calldata updateType,
        address market,
        bytes calldata additionalData
    ) external;

    function publishBulkRiskParameterUpdates(
        string[] calldata referenceIds,
        bytes[] calldata newValues,
        string[] calldata updateTypes,
        address[] calldata markets,
        bytes[] calldata additionalData
    ) external;

    function addAuthorizedSender(address sender) external;
    function removeAuthorizedSender(address sender) external;
    function addUpdateType(string calldata newUpdateType) external;

    function isAuthorized(address sender) external view returns (bool);
    function getAllUpdateTypes() external view returns (string[] memory);
    function updateCounter() external view returns (uint256);
    /// @return The id of the latest update, or 0 when there is none.
    function latestUpdateIdByMarketAndType(address market, string calldata updateType) external view returns (uint256);
    /// @notice Reverts when nothing was published for the market and type.
    function getLatestUpdateByParameterAndMarket(string calldata updateType, address market)
        external
        view
        returns (RiskParameterUpdate memory);
    /// @notice Reverts when there is no such update.
    function getUpdateById(uint256 updateId) external view returns (RiskParameterUpdate memory);
}
