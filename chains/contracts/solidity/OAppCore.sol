// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ILayerZeroEndpointV2} from
    "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";
import {Owned} from "./Owned.sol";

/// @title What every LayerZero v2 application has: the endpoint of its chain and its peers on others.
abstract contract OAppCore is Owned {
    ILayerZeroEndpointV2 public immutable endpoint;
    /// The one application on another chain that this one talks to, left-padded to 32 bytes.
    mapping(uint32 eid => bytes32 peer) public peers;

    event PeerSet(uint32 indexed eid, bytes32 peer);

    error NoPeer(uint32 eid);

    constructor(ILayerZeroEndpointV2 endpoint_, address initialOwner) Owned(initialOwner) {
        endpoint = endpoint_;
        endpoint_.setDelegate(initialOwner);
    }

    function setPeer(uint32 eid, bytes32 peer) external onlyOwner {
        peers[eid] = peer;
        emit PeerSet(eid, peer);
    }

    /// @notice Who may configure this application's libraries and DVNs at the endpoint.
    function setDelegate(address delegate) external onlyOwner {
        endpoint.setDelegate(delegate);
    }

    function _peerOf(uint32 eid) internal view returns (bytes32 peer) {
        peer = peers[eid];
        if (peer == bytes32(0)) revert NoPeer(eid);
    }
}
