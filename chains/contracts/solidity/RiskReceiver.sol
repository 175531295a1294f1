// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {
    ILayerZeroEndpointV2,
    Origin
} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";
import {ILayerZeroReceiver} from
    "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroReceiver.sol";
import {IRiskOracle} from "./IRiskOracle.sol";
import {OAppCore} from "./OAppCore.sol";
import {RiskUpdate} from "./RiskMessage.sol";

/// @title Writes what RiskHub publishes into the risk oracle of this chain.
/// @dev Invariant: the sequence of a market and type only grows. LayerZero delivers verified messages in any order,
/// so that an older update may arrive after a newer one: it is ignored, and the message counts as delivered.
contract RiskReceiver is OAppCore, ILayerZeroReceiver {
    IRiskOracle public immutable oracle;
    mapping(bytes32 lineId => uint64 sequence) private _lastSequence;

    event Received(bytes32 indexed guid, address indexed market, string indexed updateType, uint64 sequence);
    event IgnoredOlder(bytes32 indexed guid, address indexed market, string indexed updateType, uint64 sequence);

    error NotEndpoint(address caller);
    error NotPeer(uint32 srcEid, bytes32 sender);
    error ValueNotAccepted();

    constructor(ILayerZeroEndpointV2 endpoint_, IRiskOracle oracle_, address owner_) OAppCore(endpoint_, owner_) {
        oracle = oracle_;
    }

    function lzReceive(Origin calldata origin, bytes32 guid, bytes calldata message, address, bytes calldata)
        external
        payable
    {
        if (msg.sender != address(endpoint)) revert NotEndpoint(msg.sender);
        if (!allowInitializePath(origin)) revert NotPeer(origin.srcEid, origin.sender);
        if (msg.value != 0) revert ValueNotAccepted();
        RiskUpdate[] memory updates = abi.decode(message, (RiskUpdate[]));
        for (uint256 i; i < updates.length; ++i) _apply(guid, updates[i]);
    }

    function lastSequenceOf(address market, string calldata updateType) external view returns (uint64) {
        return _lastSequence[_lineId(market, updateType)];
    }

    function allowInitializePath(Origin calldata origin) public view returns (bool) {
        return origin.sender != bytes32(0) && peers[origin.srcEid] == origin.sender;
    }

    /// @return 0: the order of delivery is not asked for.
    function nextNonce(uint32, bytes32) external pure returns (uint64) {
        return 0;
    }

    function _apply(bytes32 guid, RiskUpdate memory update) private {
        bytes32 lineId = _lineId(update.market, update.updateType);
        if (update.sequence <= _lastSequence[lineId]) {
            emit IgnoredOlder(guid, update.market, update.updateType, update.sequence);
            return;
        }
        _lastSequence[lineId] = update.sequence;
        oracle.publishRiskParameterUpdate(
            update.referenceId, abi.encode(update.value), update.updateType, update.market, update.additionalData
        );
        emit Received(guid, update.market, update.updateType, update.sequence);
    }

    function _lineId(address market, string memory updateType) private pure returns (bytes32) {
        return keccak256(abi.encode(market, updateType));
    }
}
