import { type Address, isAddressEqual } from 'viem';
import { type Finding, refused } from './source.ts';

/** What the configuration says of a pool's or pair's two tokens. */
interface ConfiguredTokens {
  readonly baseToken: Address;
  readonly baseDecimals: number;
  readonly quoteDecimals: number;
}

/** What the chain says of them, as read. */
interface TokenFacts {
  readonly token0: unknown;
  readonly token1: unknown;
  readonly decimals0: unknown;
  readonly decimals1: unknown;
}

/** Which token is the base, or how the chain contradicts the configuration; `holder` names the contract. */
export function tokenOrder(
  holder: string,
  source: ConfiguredTokens,
  { token0, token1, decimals0, decimals1 }: TokenFacts,
): { readonly baseIsToken0: boolean } | Finding {
  const baseIsToken0 = isAddressEqual(token0 as Address, source.baseToken);
  if (!baseIsToken0 && !isAddressEqual(token1 as Address, source.baseToken)) {
    return refused('unit', `${holder} does not hold ${source.baseToken}`);
  }
  const [base, quote] = baseIsToken0 ? [decimals0, decimals1] : [decimals1, decimals0];
  if (base !== source.baseDecimals || quote !== source.quoteDecimals) {
    const configured = `${source.baseDecimals} and ${source.quoteDecimals}`;
    return refused('unit', `the tokens have ${base} and ${quote} decimals, configured are ${configured}`);
  }
  return { baseIsToken0 };
}
