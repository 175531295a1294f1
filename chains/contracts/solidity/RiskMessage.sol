// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

/// @notice One parameter as it travels from RiskHub to every RiskReceiver; a message is `abi.encode(RiskUpdate[])`.
struct RiskUpdate {
    address market;
    string updateType;
    uint256 value;
    /// Counts from 1 per market and type.
    uint64 sequence;
    string referenceId;
    /// `abi.encode(uint64 sequence, uint64 publishedAt, bytes extra)`, the same on every chain.
    bytes additionalData;
}
