import type { RobustPrice } from '../../../oracles/price.ts';

/** USD in fixed point with 18 decimals, exact to 8. */
export const usd = (value: number): bigint => BigInt(Math.round(value * 1e8)) * 10n ** 10n;

/** `open`, `margin`, `liquidate` as 1 or 0. */
export const usable = ({ verdicts }: RobustPrice): string =>
  [verdicts.open.usable, verdicts.margin.usable, verdicts.liquidate.usable]
    .map((value) => (value ? 1 : 0))
    .join('');

/** Reasons of a purpose as `code:subject`. */
export const codes = ({ verdicts }: RobustPrice, purpose: 'open' | 'margin' = 'open'): string[] =>
  verdicts[purpose].reasons.map(({ code, subject }) => `${code}:${subject}`);
