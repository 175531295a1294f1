// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

// Kinds of `RiskPosition`.
uint8 constant KIND_COLLATERAL = 0;
uint8 constant KIND_PERP = 1;
uint8 constant KIND_OPTION = 2;
uint8 constant KIND_LOAN = 3;

/// @notice One position. All amounts have 18 decimals, whatever the token has.
struct RiskPosition {
    uint8 kind;
    /// Name of the market, or of the asset of a collateral, in ASCII, left-aligned.
    bytes32 market;
    /// Signed size in base units of a perp or an option; amount of a collateral; amount owed of a loan.
    int256 size;
    /// Average entry price of a perp in the quote asset, otherwise 0.
    uint256 entryPrice;
    /// Funding accrued and not settled of a perp, in the quote asset; positive is in the account's favour.
    int256 unsettledFunding;
}

/// @notice Everything that an account has at a protocol on one chain.
struct RiskBook {
    /// Grows with every change of the account.
    uint64 sequence;
    /// Settled balance in the quote asset; negative is a debt.
    int256 cash;
    RiskPosition[] positions;
}

/// @title What a protocol implements so that its accounts can be read.
interface IRiskSubject {
    /// @return The account's book; sequence 0 and nothing in it when there is no such account.
    function positionsOf(bytes32 account) external view returns (RiskBook memory);

    function accountCount() external view returns (uint256);

    /// @return At most `limit` accounts from `offset`, in the order in which they were opened.
    function accountsFrom(uint256 offset, uint256 limit) external view returns (bytes32[] memory);
}
