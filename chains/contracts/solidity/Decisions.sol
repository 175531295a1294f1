// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

/// @title What approvers of RiskHub decide, and its EIP-712 struct hashes.
library Decisions {
    bytes32 private constant BOUNDS_TYPE_HASH = keccak256(
        "Bounds(address market,string updateType,uint256 minValue,uint256 maxValue,uint256 nonce,uint256 validUntil)"
    );
    bytes32 private constant PARAMETER_TYPE_HASH = keccak256(
        "Parameter(address market,string updateType,uint256 value,string referenceId,uint256 nonce,uint256 validUntil)"
    );

    /// The gateway's key may publish from minValue to maxValue, both included, without asking again.
    struct Bounds {
        address market;
        string updateType;
        uint256 minValue;
        uint256 maxValue;
        uint256 nonce;
        uint256 validUntil;
    }

    /// This value is published, wherever it lies inside the bounds of the oracles.
    struct Parameter {
        address market;
        string updateType;
        uint256 value;
        string referenceId;
        uint256 nonce;
        uint256 validUntil;
    }

    function hash(Bounds calldata b) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                BOUNDS_TYPE_HASH,
                b.market,
                keccak256(bytes(b.updateType)),
                b.minValue,
                b.maxValue,
                b.nonce,
                b.validUntil
            )
        );
    }

    function hash(Parameter calldata p) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                PARAMETER_TYPE_HASH,
                p.market,
                keccak256(bytes(p.updateType)),
                p.value,
                keccak256(bytes(p.referenceId)),
                p.nonce,
                p.validUntil
            )
        );
    }
}
