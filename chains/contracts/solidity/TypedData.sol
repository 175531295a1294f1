// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

/// @title EIP-712 domain of a contract, with the chain id read when it is used, so that it holds on a fork too.
abstract contract TypedData {
    bytes32 private constant DOMAIN_TYPE_HASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private immutable _nameHash;

    constructor(string memory name) {
        _nameHash = keccak256(bytes(name));
    }

    function domainSeparator() public view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPE_HASH, _nameHash, keccak256("1"), block.chainid, address(this)));
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domainSeparator(), structHash));
    }
}
