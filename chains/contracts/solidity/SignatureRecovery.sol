// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

/// @title Recovers the signer of a digest from 65 bytes r, s, v.
library SignatureRecovery {
    /// Half the order of secp256k1: of the two valid s of a signature only the lower is accepted.
    uint256 private constant MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    error InvalidSignature();

    function recover(bytes32 digest, bytes calldata signature) internal pure returns (address signer) {
        if (signature.length != 65) revert InvalidSignature();
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        if (uint256(s) > MAX_S) revert InvalidSignature();
        signer = ecrecover(digest, uint8(signature[64]), r, s);
        if (signer == address(0)) revert InvalidSignature();
    }
}
