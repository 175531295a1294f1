// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Owned} from "./Owned.sol";
import {SignatureRecovery} from "./SignatureRecovery.sol";
import {TypedData} from "./TypedData.sol";

/// @notice One answer of the gateway, for one consumer on one chain.
struct Attestation {
    /// The chain and the verifier that it is for, beside the EIP-712 domain, so that a refusal can say which is wrong.
    uint256 chainId;
    address verifier;
    /// The only contract that may consume it.
    address consumer;
    /// The account that it speaks of; zero where it speaks of none (a price, a parameter).
    bytes32 account;
    /// How `data` is encoded: `margin`, `price`, `parameter` or `withdrawal`.
    string kind;
    bytes data;
    /// Time of the market data behind it.
    uint64 asOf;
    /// First and last second at which it holds.
    uint64 validFrom;
    uint64 validUntil;
    /// Free to choose per consumer; each is consumed once.
    uint256 nonce;
}

/// @title Checks the gateway's signed answers on chain.
/// @notice `verify` is a view and may be called by anybody; `consume` is for the named consumer alone.
/// @dev Invariant: a nonce of a consumer is consumed at most once, and by that consumer only.
contract RiskAttestationVerifier is TypedData, Owned {
    using SignatureRecovery for bytes32;

    bytes32 private constant ATTESTATION_TYPE_HASH = keccak256(
        "Attestation(uint256 chainId,address verifier,address consumer,bytes32 account,string kind,bytes data,uint64 asOf,uint64 validFrom,uint64 validUntil,uint256 nonce)"
    );

    mapping(address signer => bool) public isSigner;
    mapping(address consumer => mapping(uint256 nonce => bool)) public isConsumed;

    event SignerSet(address indexed signer, bool trusted);
    event Consumed(address indexed consumer, uint256 indexed nonce, bytes32 indexed account, address signer);

    error WrongChain(uint256 named, uint256 here);
    error WrongVerifier(address named);
    error NotYetValid(uint256 validFrom);
    error Expired(uint256 validUntil);
    error NonceConsumed(address consumer, uint256 nonce);
    error UnknownSigner(address signer);
    error NotConsumer(address caller, address consumer);

    constructor(address owner_, address[] memory signers)
        TypedData("Breakwater RiskAttestationVerifier")
        Owned(owner_)
    {
        for (uint256 i; i < signers.length; ++i) _setSigner(signers[i], true);
    }

    function setSigner(address signer, bool trusted) external onlyOwner {
        _setSigner(signer, trusted);
    }

    /// @notice Reverts unless the attestation holds here and now and its nonce is free.
    /// @return signer who signed it.
    function verify(Attestation calldata attestation, bytes calldata signature)
        public
        view
        returns (address signer)
    {
        if (attestation.chainId != block.chainid) revert WrongChain(attestation.chainId, block.chainid);
        if (attestation.verifier != address(this)) revert WrongVerifier(attestation.verifier);
        if (block.timestamp < attestation.validFrom) revert NotYetValid(attestation.validFrom);
        if (block.timestamp > attestation.validUntil) revert Expired(attestation.validUntil);
        if (isConsumed[attestation.consumer][attestation.nonce]) {
            revert NonceConsumed(attestation.consumer, attestation.nonce);
        }
        signer = digestOf(attestation).recover(signature);
        if (!isSigner[signer]) revert UnknownSigner(signer);
    }

    /// @notice `verify`, and never again with this nonce. Only for the named consumer.
    function consume(Attestation calldata attestation, bytes calldata signature) external returns (address signer) {
        if (msg.sender != attestation.consumer) revert NotConsumer(msg.sender, attestation.consumer);
        signer = verify(attestation, signature);
        isConsumed[msg.sender][attestation.nonce] = true;
        emit Consumed(msg.sender, attestation.nonce, attestation.account, signer);
    }

    /// @return What is signed.
    function digestOf(Attestation calldata a) public view returns (bytes32) {
        return _digest(
            keccak256(
                abi.encode(
                    ATTESTATION_TYPE_HASH,
                    a.chainId,
                    a.verifier,
                    a.consumer,
                    a.account,
                    keccak256(bytes(a.kind)),
                    keccak256(a.data),
                    a.asOf,
                    a.validFrom,
                    a.validUntil,
                    a.nonce
                )
            )
        );
    }

    function _setSigner(address signer, bool trusted) private {
        isSigner[signer] = trusted;
        emit SignerSet(signer, trusted);
    }
}
