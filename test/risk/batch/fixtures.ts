import type { Batch } from '../../../risk/batch/batch.ts';
import type { PositionColumns } from '../../../risk/batch/books.ts';
import { createBatch } from '../../../risk/batch/create-batch.ts';
import type { GridTerms } from '../../../risk/batch/price-grid.ts';
import type { ScenarioExpiry } from '../../../risk/modules/scenario/account.ts';
import { scenarioV2Schema } from '../../../risk/modules/scenario/parameters.ts';
import { termsV2 } from '../../../risk/modules/scenario/terms.ts';
import { splitForward } from '../../../risk/modules/scenario/v2.ts';

export const grid = scenarioV2Schema.parse({});
export const terms = termsV2(grid, 1);
export const DAYS = [0.01, 7, 45, 400];
export const STRIKES = [1200, 1700, 2000, 2400, 3500];
export const OPTIONS = DAYS.length * STRIKES.length * 2;
export const LINEAR_PRICES = [2000, 1990];

/** A chain of calls and puts; the first expiry is within the last half hour. */
export function chain(forward = 2000, rate = 0.05, volatility = 0.8): ScenarioExpiry[] {
  return DAYS.map((days) => ({
    tau: days / 365,
    ...splitForward(forward + days, days / 365),
    rate,
    forwardConfidence: 1,
    rateConfidence: 1,
    volatilityConfidence: 1,
    legs: STRIKES.flatMap((strike, i) =>
      [true, false].map((isCall) => ({ strike, isCall, amount: 0, volatility: volatility - 0.05 * i })),
    ),
  }));
}

export interface Held {
  readonly account: number;
  readonly instrument: number;
  readonly size: number;
}

export const columns = (held: readonly Held[]): PositionColumns => ({
  account: Int32Array.from(held, (each) => each.account),
  instrument: Int32Array.from(held, (each) => each.instrument),
  size: Float64Array.from(held, (each) => each.size),
});

export function batchOf(held: readonly Held[], accounts: number, at: GridTerms = terms): Batch {
  return createBatch(
    {
      optionsByExpiry: DAYS.map(() => STRIKES.length * 2),
      linears: LINEAR_PRICES.length,
      scenarios: at.scenarios,
      accounts,
    },
    columns(held),
  );
}

/** The account's own legs with amounts, and its linear notional. */
export function bookOf(held: readonly Held[], account: number, market: readonly ScenarioExpiry[]) {
  const own = held.filter((each) => each.account === account);
  let first = 0;
  const book = market.map((expiry) => {
    const start = first;
    first += expiry.legs.length;
    return {
      ...expiry,
      legs: expiry.legs.flatMap((leg, i) => {
        const amount = own
          .filter((each) => each.instrument === start + i)
          .reduce((sum, each) => sum + each.size, 0);
        return amount === 0 ? [] : [{ ...leg, amount }];
      }),
    };
  });
  const linear = own
    .filter((each) => each.instrument >= OPTIONS)
    .reduce((sum, each) => sum + each.size * LINEAR_PRICES[each.instrument - OPTIONS]!, 0);
  return { book: book.filter((expiry) => expiry.legs.length > 0), linear };
}

/** Gross notional: what rounding is measured against, since hedged books cancel. */
export const grossOf = (held: readonly Held[], account: number) =>
  held.filter((each) => each.account === account).reduce((sum, each) => sum + Math.abs(each.size) * 2000, 1);
