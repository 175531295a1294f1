import { type Hex, keccak256, stringToHex } from 'viem';

/** Quote asset of every pool. */
export const QUOTE_ASSET = 'USDC';
/** Decimals of every USD feed of Chainlink used here, and minus the exponent of Pyth's. */
export const PRICE_DECIMALS = 8;

/** Mainnet ids (stable across chains), from Pyth's price feed list. */
const PYTH_PRICE_IDS: Readonly<Record<string, Hex>> = {
  BTC: '0xe62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43',
  ETH: '0xff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace',
  SOL: '0xef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d',
  USDC: '0xeaa020c61cc479712813461ce153894a96a6c00b21ed0cfc2798d1f9a9e9c94a',
};

/** Pyth's id of the asset's USD feed; for an asset not listed above the hash of its name. */
export function pythPriceId(asset: string): Hex {
  return PYTH_PRICE_IDS[asset] ?? keccak256(stringToHex(`Crypto.${asset}/USD`));
}

interface Token {
  readonly symbol: string;
  readonly decimals: number;
  /** Fee tier of the pool against USDC, in hundredths of a basis point. */
  readonly fee: number;
}

const TOKENS: Readonly<Record<string, Token>> = {
  BTC: { symbol: 'WBTC', decimals: 8, fee: 500 },
  ETH: { symbol: 'WETH', decimals: 18, fee: 500 },
  SOL: { symbol: 'SOL', decimals: 9, fee: 3000 },
  USDC: { symbol: 'USDC', decimals: 6, fee: 100 },
};

/** The token that stands for an asset on a local chain. */
export function tokenOf(asset: string): Token {
  return TOKENS[asset] ?? { symbol: asset, decimals: 18, fee: 3000 };
}
