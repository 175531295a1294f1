import { describe, expect, it } from 'vitest';
import { createBatch } from '../../../risk/batch/create-batch.ts';
import { marginAccounts } from '../../../risk/batch/margin.ts';
import { priceBatch } from '../../../risk/batch/price-batch.ts';
import type { MarketSnapshot } from '../../../risk/market/market-data.ts';
import type { AnyMarket } from '../../../risk/modules/module.ts';
import { scenarioModuleV2 } from '../../../risk/modules/scenario/module.ts';
import { termsV2 } from '../../../risk/modules/scenario/terms.ts';
import { splitForward } from '../../../risk/modules/scenario/v2.ts';
import type { AnyPosition } from '../../../risk/portfolio/portfolio.ts';
import { wadFromDecimal as wad, wadToFloat } from '../../../risk/units/wad.ts';
import { MARKETS, NOW, perp, snapshot } from '../fixtures.ts';

const DAYS = [2, 30, 200];
const STRIKES = [1400, 2000, 2700];
const expiryMs = (days: number) => NOW + days * 86_400_000;
const data = (days: number) => ({
  asOfMs: NOW,
  forward: 2000 + days,
  settlementForward: null,
  rate: 0.03,
  smile: STRIKES.map((strike, i) => ({ strike, volatility: 0.9 - 0.1 * i })),
  forwardConfidence: 1,
  rateConfidence: 1,
  volatilityConfidence: 1,
});
const listed = DAYS.flatMap((days) =>
  STRIKES.flatMap((strike) => [true, false].map((isCall) => ({ days, strike, isCall }))),
);
const idOf = (index: number) => `ETH-OPTION-${index}`;
const markets = new Map<string, AnyMarket>([
  ...MARKETS,
  ...listed.map(({ days, strike, isCall }, i): [string, AnyMarket] => [
    idOf(i),
    {
      id: idOf(i),
      kind: 'option',
      asset: 'ETH',
      feedId: 'ETH-USD',
      strikeWad: wad(`${strike}`),
      expiryMs: expiryMs(days),
      isCall,
    },
  ]),
]);
const market: MarketSnapshot = {
  ...snapshot(),
  options: new Map([['ETH', new Map(DAYS.map((days) => [expiryMs(days), data(days)]))]]),
};

/** Sizes by option, and of the perp, whose instrument follows the options. */
const BOOKS: readonly { readonly sizes: readonly number[]; readonly perps: number }[] = [
  { sizes: [0, 3, 0, -10, 5, 0, -4, 0, 8, 0, 0, -20, 1, 1, 0, 0, -7, 0], perps: 6 },
  { sizes: [-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1], perps: -2 },
  { sizes: [0, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], perps: 12 },
  { sizes: [0, 0, 0, 0, 0, 0, 0, 0, 15, -30, 0, 0, 0, 0, 30, -15, 0, 0], perps: 0 },
  { sizes: listed.map(() => 0), perps: -5 },
];

describe('batch and scenario module 2.0.0', () => {
  it('have the same worst loss and option value for books of options and perps', () => {
    const p = scenarioModuleV2.parseParameters({ buffered: false });
    const terms = termsV2(p.grid, 1);
    const chain = DAYS.map((days) => ({
      ...data(days),
      tau: days / 365,
      ...splitForward(data(days).forward, days / 365),
      legs: listed
        .filter((each) => each.days === days)
        .map(({ strike, isCall }) => ({
          strike,
          isCall,
          amount: 0,
          volatility: 0.9 - 0.1 * STRIKES.indexOf(strike),
        })),
    }));
    const held = BOOKS.flatMap(({ sizes, perps }, account) =>
      [...sizes, perps]
        .map((size, instrument) => ({ account, instrument, size }))
        .filter((each) => each.size !== 0),
    );
    const batch = createBatch(
      {
        optionsByExpiry: chain.map((expiry) => expiry.legs.length),
        linears: 1,
        scenarios: terms.scenarios,
        accounts: BOOKS.length,
      },
      {
        account: Int32Array.from(held, (each) => each.account),
        instrument: Int32Array.from(held, (each) => each.instrument),
        size: Float64Array.from(held, (each) => each.size),
      },
    );
    priceBatch(batch, terms, chain, [2000]);
    marginAccounts(batch, 0, BOOKS.length);
    BOOKS.forEach(({ sizes, perps }, account) => {
      const positions = sizes.flatMap((size, i): AnyPosition[] =>
        size === 0
          ? []
          : [{ kind: 'option', id: `o${i}`, market: idOf(i), sizeWad: wad(`${size}`), chain: null }],
      );
      if (perps !== 0) positions.push(perp('p', 'ETH-PERP', `${perps}`, '2000'));
      const portfolio = { accountId: 'a', cashWad: 0n, positions };
      const { lines, failures } = scenarioModuleV2.calculate(portfolio, markets, market, p);
      expect(failures).toEqual([]);
      const sum = (term: string, of: 'initialWad' | 'equityWad') =>
        lines.filter((line) => line.term === term).reduce((total, line) => total + wadToFloat(line[of]), 0);
      const requirement = sum('scenario-loss', 'initialWad');
      expect(requirement).toBeGreaterThan(0);
      expect(Math.abs(-batch.arrays.loss[account]! / requirement - 1)).toBeLessThanOrEqual(1e-9);
      const value = sum('option-value', 'equityWad');
      expect(Math.abs(batch.arrays.value[account]! - value)).toBeLessThanOrEqual(1e-9 * requirement);
    });
  });
});
