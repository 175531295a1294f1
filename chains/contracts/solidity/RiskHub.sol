// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {
    ILayerZeroEndpointV2,
    MessagingParams,
    MessagingReceipt
} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";
import {Approvals} from "./Approvals.sol";
import {Decisions} from "./Decisions.sol";
import {IRiskOracle} from "./IRiskOracle.sol";
import {OAppCore} from "./OAppCore.sol";
import {PublicationData, RiskUpdate} from "./RiskMessage.sol";
import {TypedData} from "./TypedData.sol";

/// @title Publishes risk parameters on its own chain and, by LayerZero, on every other.
/// @notice The gateway's key alone publishes inside the bounds that the approvers have set here, and nothing else.
/// Any other value, and the bounds themselves, need k-of-n approvals and a time lock. The owner wires chains and names
/// the gateway's key; it can change neither bounds nor approvers.
/// @dev Invariants: the sequence of a market and type grows by exactly one per publication; the gateway never
/// publishes outside the bounds; the local oracle's latest value is the last one published here.
contract RiskHub is OAppCore, Approvals {
    using Decisions for Decisions.Bounds;
    using Decisions for Decisions.Parameter;

    /// What the gateway asks to publish. `sequence` must be the next one: the same request sent twice publishes once.
    struct Draft {
        address market;
        string updateType;
        uint256 value;
        uint64 sequence;
        string referenceId;
        bytes extra;
    }

    struct Line {
        uint64 sequence;
        bool bounded;
        uint256 minValue;
        uint256 maxValue;
    }

    IRiskOracle public immutable oracle;
    /// The gateway's key; zero while it is stopped.
    address public gateway;
    /// Gas bought on the other chain: for a message, and for each update in it.
    uint64 public baseGas = 60_000;
    uint64 public gasPerUpdate = 300_000;
    uint32[] private _destinations;
    mapping(bytes32 lineId => Line) private _lines;

    event GatewaySet(address indexed gateway);
    event DestinationsSet(uint32[] eids);
    event ReceiveGasSet(uint64 baseGas, uint64 gasPerUpdate);
    event BoundsSet(address indexed market, string indexed updateType, uint256 minValue, uint256 maxValue);
    event Published(
        address indexed market,
        string indexed updateType,
        uint64 indexed sequence,
        uint256 value,
        string referenceId,
        bool byGateway
    );
    event Sent(uint32 indexed dstEid, bytes32 indexed guid, uint64 nonce, uint256 fee);

    error NotGateway(address caller);
    error NothingToPublish();
    error InvalidBounds(uint256 minValue, uint256 maxValue);
    error NoBounds(address market, string updateType);
    error OutsideBounds(uint256 value, uint256 minValue, uint256 maxValue);
    error WrongSequence(uint64 given, uint64 expected);
    error NeverPublished(address market, string updateType);
    error OverwrittenLocally(address market, string updateType);
    error RefundFailed();

    constructor(
        ILayerZeroEndpointV2 endpoint_,
        IRiskOracle oracle_,
        address owner_,
        address gateway_,
        address[] memory approvers_,
        uint256 threshold_,
        address guardian_,
        uint256 timeLock_
    )
        OAppCore(endpoint_, owner_)
        TypedData("Breakwater RiskHub")
        Approvals(approvers_, threshold_, guardian_, timeLock_)
    {
        oracle = oracle_;
        gateway = gateway_;
        emit GatewaySet(gateway_);
    }

    /// Takes back what the endpoint does not need of a fee.
    receive() external payable {}

    // --- wiring, by the owner

    function setGateway(address gateway_) external onlyOwner {
        gateway = gateway_;
        emit GatewaySet(gateway_);
    }

    /// @notice The chains to which every publication goes; each needs its peer first.
    function setDestinations(uint32[] calldata eids) external onlyOwner {
        for (uint256 i; i < eids.length; ++i) _peerOf(eids[i]);
        _destinations = eids;
        emit DestinationsSet(eids);
    }

    function setReceiveGas(uint64 baseGas_, uint64 gasPerUpdate_) external onlyOwner {
        (baseGas, gasPerUpdate) = (baseGas_, gasPerUpdate_);
        emit ReceiveGasSet(baseGas_, gasPerUpdate_);
    }

    // --- the gateway's key

    /// @notice Stops the gateway's key at once; the owner names the next one.
    function stopGateway() external onlyGuardian {
        gateway = address(0);
        emit GatewaySet(address(0));
    }

    /// @notice Publishes inside the approved bounds, on every chain. What `msg.value` exceeds the fees by comes back.
    function publish(Draft[] calldata drafts) external payable {
        if (msg.sender != gateway) revert NotGateway(msg.sender);
        if (drafts.length == 0) revert NothingToPublish();
        RiskUpdate[] memory updates = new RiskUpdate[](drafts.length);
        for (uint256 i; i < drafts.length; ++i) {
            Draft calldata draft = drafts[i];
            Line storage line = _lines[_lineId(draft.market, draft.updateType)];
            if (draft.sequence != line.sequence + 1) revert WrongSequence(draft.sequence, line.sequence + 1);
            if (!line.bounded) revert NoBounds(draft.market, draft.updateType);
            if (draft.value < line.minValue || draft.value > line.maxValue) {
                revert OutsideBounds(draft.value, line.minValue, line.maxValue);
            }
            line.sequence = draft.sequence;
            updates[i] = _toUpdate(draft);
            _record(updates[i], true);
        }
        _send(updates, _destinations);
    }

    // --- decisions of the approvers

    function scheduleBounds(Decisions.Bounds calldata bounds, bytes[] calldata signatures) external returns (bytes32 id) {
        if (bounds.minValue > bounds.maxValue) revert InvalidBounds(bounds.minValue, bounds.maxValue);
        id = bounds.hash();
        bytes32 lineId = _lineId(bounds.market, bounds.updateType);
        _schedule(id, lineId, bounds.nonce, bounds.validUntil, signatures);
    }

    function executeBounds(Decisions.Bounds calldata bounds) external {
        bytes32 lineId = _lineId(bounds.market, bounds.updateType);
        _take(bounds.hash(), lineId, bounds.nonce, bounds.validUntil);
        Line storage line = _lines[lineId];
        (line.bounded, line.minValue, line.maxValue) = (true, bounds.minValue, bounds.maxValue);
        emit BoundsSet(bounds.market, bounds.updateType, bounds.minValue, bounds.maxValue);
    }

    function scheduleParameter(Decisions.Parameter calldata parameter, bytes[] calldata signatures)
        external
        returns (bytes32 id)
    {
        id = parameter.hash();
        bytes32 lineId = _lineId(parameter.market, parameter.updateType);
        _schedule(id, lineId, parameter.nonce, parameter.validUntil, signatures);
    }

    /// @notice Publishes an approved value on every chain; anybody may call and pays the fees.
    function executeParameter(Decisions.Parameter calldata parameter) external payable {
        bytes32 lineId = _lineId(parameter.market, parameter.updateType);
        _take(parameter.hash(), lineId, parameter.nonce, parameter.validUntil);
        Line storage line = _lines[lineId];
        Draft memory draft = Draft({
            market: parameter.market,
            updateType: parameter.updateType,
            value: parameter.value,
            sequence: ++line.sequence,
            referenceId: parameter.referenceId,
            extra: ""
        });
        RiskUpdate[] memory updates = new RiskUpdate[](1);
        updates[0] = _toUpdate(draft);
        _record(updates[0], false);
        _send(updates, _destinations);
    }

    // --- repair

    /// @notice Sends the last published value of a line to one chain again. A chain that has it already ignores it.
    function resend(address market, string calldata updateType, uint32 dstEid) external payable {
        uint32[] memory to = new uint32[](1);
        to[0] = dstEid;
        _send(_lastPublished(market, updateType), to);
    }

    // --- views

    function destinations() external view returns (uint32[] memory) {
        return _destinations;
    }

    function lineOf(address market, string calldata updateType) external view returns (Line memory) {
        return _lines[_lineId(market, updateType)];
    }

    /// @notice The nonce that the next `Bounds` or `Parameter` of this market and type must carry.
    function nonceOf(address market, string calldata updateType) external view returns (uint256) {
        return nonces[_lineId(market, updateType)];
    }

    /// @return total fee of a publication in the native token, and the part of each destination.
    function quote(Draft[] calldata drafts) external view returns (uint256 total, uint256[] memory fees) {
        RiskUpdate[] memory updates = new RiskUpdate[](drafts.length);
        for (uint256 i; i < drafts.length; ++i) updates[i] = _toUpdate(drafts[i]);
        fees = new uint256[](_destinations.length);
        for (uint256 i; i < fees.length; ++i) {
            fees[i] = endpoint.quote(_params(updates, _destinations[i]), address(this)).nativeFee;
            total += fees[i];
        }
    }

    function quoteResend(address market, string calldata updateType, uint32 dstEid) external view returns (uint256) {
        return endpoint.quote(_params(_lastPublished(market, updateType), dstEid), address(this)).nativeFee;
    }

    // --- inside

    function _record(RiskUpdate memory update, bool byGateway) private {
        oracle.publishRiskParameterUpdate(
            update.referenceId, abi.encode(update.value), update.updateType, update.market, update.additionalData
        );
        emit Published(
            update.market, update.updateType, update.sequence, update.value, update.referenceId, byGateway
        );
    }

    function _send(RiskUpdate[] memory updates, uint32[] memory to) private {
        for (uint256 i; i < to.length; ++i) {
            MessagingReceipt memory receipt =
                endpoint.send{value: address(this).balance}(_params(updates, to[i]), address(this));
            emit Sent(to[i], receipt.guid, receipt.nonce, receipt.fee.nativeFee);
        }
        (bool refunded,) = msg.sender.call{value: address(this).balance}("");
        if (!refunded) revert RefundFailed();
    }

    function _params(RiskUpdate[] memory updates, uint32 dstEid) private view returns (MessagingParams memory) {
        uint128 gasLimit = baseGas + uint128(gasPerUpdate) * uint128(updates.length);
        // Options of type 3: one option for the executor (worker 1), 17 bytes long, lzReceive (type 1) with this gas.
        bytes memory options = abi.encodePacked(uint16(3), uint8(1), uint16(17), uint8(1), gasLimit);
        return MessagingParams(dstEid, _peerOf(dstEid), abi.encode(updates), options, false);
    }

    function _toUpdate(Draft memory draft) private view returns (RiskUpdate memory) {
        bytes memory additionalData = PublicationData.encode(draft.sequence, uint64(block.timestamp), draft.extra);
        return RiskUpdate(
            draft.market, draft.updateType, draft.value, draft.sequence, draft.referenceId, additionalData
        );
    }

    function _lastPublished(address market, string calldata updateType) private view returns (RiskUpdate[] memory) {
        uint64 sequence = _lines[_lineId(market, updateType)].sequence;
        if (sequence == 0) revert NeverPublished(market, updateType);
        IRiskOracle.RiskParameterUpdate memory last = oracle.getLatestUpdateByParameterAndMarket(updateType, market);
        (uint64 written,) = PublicationData.decode(last.additionalData);
        if (written != sequence) revert OverwrittenLocally(market, updateType);
        RiskUpdate[] memory updates = new RiskUpdate[](1);
        updates[0] = RiskUpdate(
            market, updateType, abi.decode(last.newValue, (uint256)), sequence, last.referenceId, last.additionalData
        );
        return updates;
    }

    function _lineId(address market, string memory updateType) private pure returns (bytes32) {
        return keccak256(abi.encode(market, updateType));
    }
}
