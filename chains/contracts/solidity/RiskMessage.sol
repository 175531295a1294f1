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
    /// See `PublicationData`; the same on every chain.
    bytes additionalData;
}

/// @title What RiskHub says about a publication in `additionalData`: 8 bytes sequence, 8 bytes time of the hub's block
/// in unix seconds, and what the publisher adds. Packed, because every byte is stored on every chain.
library PublicationData {
    error NotFromHub(bytes additionalData);

    function encode(uint64 sequence, uint64 publishedAt, bytes memory extra) internal pure returns (bytes memory) {
        return abi.encodePacked(sequence, publishedAt, extra);
    }

    function decode(bytes memory additionalData) internal pure returns (uint64 sequence, uint64 publishedAt) {
        if (additionalData.length < 16) revert NotFromHub(additionalData);
        uint128 both = uint128(bytes16(additionalData));
        return (uint64(both >> 64), uint64(both));
    }
}
