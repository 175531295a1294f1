// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IRiskOracle} from "./IRiskOracle.sol";
import {Owned} from "./Owned.sol";
import {PublicationData} from "./RiskMessage.sol";

/// @title Published prices behind ERC-7726, the common quote oracle.
/// @notice Every listed asset has a price in US dollars; the dollar itself is the address of its ISO 4217 number, 840,
/// with 18 decimals, as ERC-7535 and ERC-7726 write it.
contract RiskQuote is Owned {
    address public constant USD = address(840);

    struct Asset {
        /// Under which the price is published.
        address market;
        /// 10 ^ decimals of the asset.
        uint256 unit;
    }

    IRiskOracle public immutable oracle;
    string public updateType;
    /// Seconds after its publication on the hub for which a price is used.
    uint256 public immutable maxAge;
    mapping(address asset => Asset) public assets;

    event AssetSet(address indexed asset, address indexed market, uint8 decimals);

    error UnknownAsset(address asset);
    error PriceTooOld(address asset, uint256 publishedAt);
    error NoPrice(address asset);

    constructor(IRiskOracle oracle_, string memory updateType_, uint256 maxAge_, address owner_) Owned(owner_) {
        (oracle, updateType, maxAge) = (oracle_, updateType_, maxAge_);
    }

    function setAsset(address asset, address market, uint8 decimals) external onlyOwner {
        assets[asset] = Asset(market, 10 ** decimals);
        emit AssetSet(asset, market, decimals);
    }

    /// @notice What `baseAmount` of `base` is worth in `quote`, rounded toward zero. Reverts when a price is missing
    /// or too old, and on overflow.
    function getQuote(uint256 baseAmount, address base, address quote) external view returns (uint256 quoteAmount) {
        (uint256 basePrice, uint256 baseUnit) = _priceOf(base);
        (uint256 quotePrice, uint256 quoteUnit) = _priceOf(quote);
        return (baseAmount * basePrice * quoteUnit) / (quotePrice * baseUnit);
    }

    /// US dollars per whole asset with 18 decimals, and the asset's unit.
    function _priceOf(address asset) private view returns (uint256 price, uint256 unit) {
        if (asset == USD) return (1e18, 1e18);
        Asset storage listed = assets[asset];
        unit = listed.unit;
        if (unit == 0) revert UnknownAsset(asset);
        IRiskOracle.RiskParameterUpdate memory update =
            oracle.getLatestUpdateByParameterAndMarket(updateType, listed.market);
        (, uint64 publishedAt) = PublicationData.decode(update.additionalData);
        if (publishedAt + maxAge < block.timestamp) revert PriceTooOld(asset, publishedAt);
        price = abi.decode(update.newValue, (uint256));
        if (price == 0) revert NoPrice(asset);
    }
}
