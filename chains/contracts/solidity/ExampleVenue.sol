// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {
    IRiskSubject,
    KIND_COLLATERAL,
    KIND_PERP,
    RiskBook,
    RiskPosition
} from "./IRiskSubject.sol";
import {Owned} from "./Owned.sol";
import {Attestation, RiskAttestationVerifier} from "./RiskAttestationVerifier.sol";

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// @title Example of a perpetuals venue whose accounts can be read and whose withdrawals ask for the gateway's word.
/// @notice The owner is the matching engine: it opens accounts and reports fills. Collateral is held here.
/// @dev An example: fills are not checked against a price, there is no funding, and nobody is liquidated.
contract ExampleVenue is IRiskSubject, Owned {
    int256 private constant WAD = 1e18;

    struct Asset {
        IToken token;
        /// 10 ^ (18 - decimals of the token).
        uint256 toWad;
    }

    struct Perp {
        int256 size;
        uint256 entryPrice;
    }

    struct Account {
        address holder;
        uint64 sequence;
        int256 cash;
        bytes32[] assets;
        bytes32[] markets;
        mapping(bytes32 asset => uint256 amountWad) collateral;
        mapping(bytes32 market => Perp) perps;
    }

    RiskAttestationVerifier public immutable verifier;
    mapping(bytes32 asset => Asset) public assets;
    bytes32[] private _ids;
    mapping(bytes32 account => Account) private _accounts;

    event Opened(bytes32 indexed account, address indexed holder);
    event Deposited(bytes32 indexed account, bytes32 indexed asset, uint256 amountWad);
    event Withdrawn(bytes32 indexed account, bytes32 indexed asset, uint256 amountWad);
    event Filled(bytes32 indexed account, bytes32 indexed market, int256 sizeDelta, uint256 price);

    error AlreadyOpen(bytes32 account);
    error NoAccount(bytes32 account);
    error UnknownAsset(bytes32 asset);
    error NotHolder(address caller);
    error NotCovered(uint256 amountWad, uint256 attestedWad);
    error AttestationMismatch();
    error TransferFailed();

    constructor(address owner_, RiskAttestationVerifier verifier_) Owned(owner_) {
        verifier = verifier_;
    }

    /// @param decimals of the token, at most 18.
    function listAsset(bytes32 asset, IToken token, uint8 decimals) external onlyOwner {
        assets[asset] = Asset(token, 10 ** (18 - decimals));
    }

    function open(bytes32 account, address holder) external onlyOwner {
        if (_accounts[account].holder != address(0)) revert AlreadyOpen(account);
        if (holder == address(0)) revert NotHolder(holder);
        _accounts[account].holder = holder;
        _accounts[account].sequence = 1;
        _ids.push(account);
        emit Opened(account, holder);
    }

    /// @param amount in the token's own decimals.
    function deposit(bytes32 account, bytes32 asset, uint256 amount) external {
        Account storage book = _changing(account);
        uint256 amountWad = amount * _assetOf(asset).toWad;
        if (book.collateral[asset] == 0 && amountWad != 0) book.assets.push(asset);
        book.collateral[asset] += amountWad;
        emit Deposited(account, asset, amountWad);
        if (!assets[asset].token.transferFrom(msg.sender, address(this), amount)) revert TransferFailed();
    }

    /// @notice Pays out what an attestation of kind `withdrawal`, made for this venue and account, allows:
    /// `data` is `abi.encode(bytes32 asset, uint256 maxAmountWad, uint64 sequence)`, for the book at that sequence.
    /// @param amount in the token's own decimals.
    function withdraw(
        bytes32 account,
        bytes32 asset,
        uint256 amount,
        Attestation calldata attestation,
        bytes calldata signature
    ) external {
        if (msg.sender != _accounts[account].holder) revert NotHolder(msg.sender);
        verifier.consume(attestation, signature);
        (bytes32 attested, uint256 maxAmountWad, uint64 sequence) =
            abi.decode(attestation.data, (bytes32, uint256, uint64));
        if (
            attestation.account != account || attested != asset || sequence != _accounts[account].sequence
                || keccak256(bytes(attestation.kind)) != keccak256("withdrawal")
        ) revert AttestationMismatch();
        uint256 amountWad = amount * _assetOf(asset).toWad;
        Account storage book = _changing(account);
        if (amountWad > maxAmountWad) revert NotCovered(amountWad, maxAmountWad);
        book.collateral[asset] -= amountWad;
        if (book.collateral[asset] == 0) _remove(book.assets, asset);
        emit Withdrawn(account, asset, amountWad);
        if (!assets[asset].token.transfer(msg.sender, amount)) revert TransferFailed();
    }

    /// @notice A fill: the closed part of the position is settled into cash, the open part keeps its average entry.
    function fill(bytes32 account, bytes32 market, int256 sizeDelta, uint256 price) external onlyOwner {
        Account storage book = _changing(account);
        Perp storage perp = book.perps[market];
        int256 size = perp.size;
        int256 next = size + sizeDelta;
        if (size == 0 && sizeDelta != 0) book.markets.push(market);
        if (size == 0 || (size > 0) == (sizeDelta > 0)) {
            if (next != 0) {
                int256 cost = size * int256(perp.entryPrice) + sizeDelta * int256(price);
                perp.entryPrice = uint256(cost / next);
            }
        } else {
            int256 closed = (size > 0) == (next > 0) && next != 0 ? -sizeDelta : size;
            book.cash += closed * (int256(price) - int256(perp.entryPrice)) / WAD;
            if (closed == size) perp.entryPrice = next == 0 ? 0 : price;
        }
        perp.size = next;
        if (next == 0 && size != 0) _remove(book.markets, market);
        emit Filled(account, market, sizeDelta, price);
    }

    function positionsOf(bytes32 account) external view returns (RiskBook memory) {
        Account storage book = _accounts[account];
        uint256 held = book.assets.length;
        RiskPosition[] memory positions = new RiskPosition[](held + book.markets.length);
        for (uint256 i; i < held; ++i) {
            bytes32 asset = book.assets[i];
            positions[i] = RiskPosition(KIND_COLLATERAL, asset, int256(book.collateral[asset]), 0, 0);
        }
        for (uint256 i = held; i < positions.length; ++i) {
            bytes32 market = book.markets[i - held];
            Perp storage perp = book.perps[market];
            positions[i] = RiskPosition(KIND_PERP, market, perp.size, perp.entryPrice, 0);
        }
        return RiskBook(book.sequence, book.cash, positions);
    }

    function accountCount() external view returns (uint256) {
        return _ids.length;
    }

    function accountsFrom(uint256 offset, uint256 limit) external view returns (bytes32[] memory accounts) {
        uint256 count = _ids.length;
        if (offset > count) offset = count;
        if (limit > count - offset) limit = count - offset;
        accounts = new bytes32[](limit);
        for (uint256 i; i < limit; ++i) accounts[i] = _ids[offset + i];
    }

    function _changing(bytes32 account) private returns (Account storage book) {
        book = _accounts[account];
        if (book.holder == address(0)) revert NoAccount(account);
        ++book.sequence;
    }

    function _assetOf(bytes32 asset) private view returns (Asset storage listed) {
        listed = assets[asset];
        if (listed.toWad == 0) revert UnknownAsset(asset);
    }

    function _remove(bytes32[] storage list, bytes32 item) private {
        for (uint256 i; i < list.length; ++i) {
            if (list[i] != item) continue;
            list[i] = list[list.length - 1];
            list.pop();
            return;
        }
    }
}
