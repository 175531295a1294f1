// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {SignatureRecovery} from "./SignatureRecovery.sol";
import {TypedData} from "./TypedData.sol";

/// @title Decisions that k of n approvers sign (EIP-712), that wait out a time lock and that a guardian may veto.
/// @dev Invariants: a decision takes effect only after k distinct approvers signed it, the time lock has passed, and
/// nobody vetoed it; it takes effect once, and never after a newer one about the same subject.
abstract contract Approvals is TypedData {
    using SignatureRecovery for bytes32;

    bytes32 private constant COMMITTEE_TYPE_HASH = keccak256(
        "Committee(address[] approvers,uint256 threshold,address guardian,uint256 nonce,uint256 validUntil)"
    );

    /// The next committee itself, approved by the present one.
    struct Committee {
        address[] approvers;
        uint256 threshold;
        address guardian;
        uint256 nonce;
        uint256 validUntil;
    }

    /// Seconds between approval and effect.
    uint256 public immutable timeLock;
    uint256 public threshold;
    /// May veto what is scheduled and stop the gateway's key; may start nothing.
    address public guardian;
    address[] private _approvers;
    mapping(address approver => bool) public isApprover;
    /// When a scheduled decision may take effect; 0: not scheduled.
    mapping(bytes32 id => uint256 readyAt) public readyAt;
    /// The nonce that the next decision about this subject must carry.
    mapping(bytes32 subject => uint256 nonce) public nonces;
    /// Decisions below this nonce were executed, or overtaken by one that was.
    mapping(bytes32 subject => uint256 nonce) private _settled;

    event Scheduled(bytes32 indexed id, bytes32 indexed subject, uint256 nonce, uint256 readyAt, uint256 validUntil);
    event Vetoed(bytes32 indexed id);
    event Executed(bytes32 indexed id);
    event CommitteeSet(address[] approvers, uint256 threshold, address guardian);

    error InvalidCommittee();
    error TooFewApprovals(uint256 given, uint256 needed);
    error NotAnApprover(address signer);
    /// Signatures come in ascending order of their signers, which also shows that none signed twice.
    error SignersNotAscending(address previous, address next);
    error WrongNonce(uint256 given, uint256 expected);
    error TooLate(uint256 validUntil);
    error NotScheduled(bytes32 id);
    error TimeLocked(uint256 readyAt);
    error Overtaken(uint256 nonce);
    error NotGuardian(address caller);

    modifier onlyGuardian() {
        if (msg.sender != guardian) revert NotGuardian(msg.sender);
        _;
    }

    constructor(address[] memory approvers_, uint256 threshold_, address guardian_, uint256 timeLock_) {
        if (timeLock_ == 0) revert InvalidCommittee();
        timeLock = timeLock_;
        _setCommittee(approvers_, threshold_, guardian_);
    }

    function approvers() external view returns (address[] memory) {
        return _approvers;
    }

    function veto(bytes32 id) external onlyGuardian {
        if (readyAt[id] == 0) revert NotScheduled(id);
        delete readyAt[id];
        emit Vetoed(id);
    }

    function scheduleCommittee(Committee calldata next, bytes[] calldata signatures) external returns (bytes32 id) {
        id = _committeeHash(next);
        _schedule(id, COMMITTEE_TYPE_HASH, next.nonce, next.validUntil, signatures);
    }

    function executeCommittee(Committee calldata next) external {
        _take(_committeeHash(next), COMMITTEE_TYPE_HASH, next.nonce, next.validUntil);
        for (uint256 i; i < _approvers.length; ++i) isApprover[_approvers[i]] = false;
        _setCommittee(next.approvers, next.threshold, next.guardian);
    }

    /// @param id struct hash of the decision.
    /// @param subject what it is about; decisions about one subject are approved in the order of their nonces.
    function _schedule(
        bytes32 id,
        bytes32 subject,
        uint256 nonce,
        uint256 validUntil,
        bytes[] calldata signatures
    ) internal {
        uint256 ready = block.timestamp + timeLock;
        if (ready > validUntil) revert TooLate(validUntil);
        if (nonce != nonces[subject]) revert WrongNonce(nonce, nonces[subject]);
        if (signatures.length < threshold) revert TooFewApprovals(signatures.length, threshold);
        bytes32 digest = _digest(id);
        address previous;
        for (uint256 i; i < signatures.length; ++i) {
            address signer = digest.recover(signatures[i]);
            if (signer <= previous) revert SignersNotAscending(previous, signer);
            if (!isApprover[signer]) revert NotAnApprover(signer);
            previous = signer;
        }
        nonces[subject] = nonce + 1;
        readyAt[id] = ready;
        emit Scheduled(id, subject, nonce, ready, validUntil);
    }

    /// Checks that a decision may take effect now, and that neither it nor an older one about the same does again.
    function _take(bytes32 id, bytes32 subject, uint256 nonce, uint256 validUntil) internal {
        uint256 ready = readyAt[id];
        if (ready == 0) revert NotScheduled(id);
        if (block.timestamp < ready) revert TimeLocked(ready);
        if (block.timestamp > validUntil) revert TooLate(validUntil);
        if (nonce < _settled[subject]) revert Overtaken(nonce);
        _settled[subject] = nonce + 1;
        delete readyAt[id];
        emit Executed(id);
    }

    function _committeeHash(Committee calldata next) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                COMMITTEE_TYPE_HASH,
                keccak256(abi.encodePacked(next.approvers)),
                next.threshold,
                next.guardian,
                next.nonce,
                next.validUntil
            )
        );
    }

    function _setCommittee(address[] memory approvers_, uint256 threshold_, address guardian_) private {
        if (threshold_ == 0 || threshold_ > approvers_.length) revert InvalidCommittee();
        for (uint256 i; i < approvers_.length; ++i) {
            if (approvers_[i] == address(0) || isApprover[approvers_[i]]) revert InvalidCommittee();
            isApprover[approvers_[i]] = true;
        }
        (_approvers, threshold, guardian) = (approvers_, threshold_, guardian_);
        emit CommitteeSet(approvers_, threshold_, guardian_);
    }
}
