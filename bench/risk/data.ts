import type { Batch } from '../../risk/batch/batch.ts';
import type { PositionColumns } from '../../risk/batch/books.ts';
import { createBatch } from '../../risk/batch/create-batch.ts';
import type { ScenarioExpiry } from '../../risk/modules/scenario/account.ts';
import { type ScenarioPoint, scenarioV2Schema } from '../../risk/modules/scenario/parameters.ts';
import { termsV2 } from '../../risk/modules/scenario/terms.ts';
import { splitForward } from '../../risk/modules/scenario/v2.ts';
import { seeded } from '../timing.ts';

const DAYS = [1, 3, 7, 14, 30, 60, 120, 270];
const STRIKES = 25;
export const OPTIONS_BY_EXPIRY = 2 * STRIKES;
export const OPTIONS = DAYS.length * OPTIONS_BY_EXPIRY;
const SPOT = 60_000;
export const LINEAR_PRICES = [SPOT];
/** Options of each account; it holds one perp beside. */
export const POSITIONS = 10;

const extra: ScenarioPoint[] = [1.25, 1.2, 0.8, 0.75].map((spot) => ({
  spot,
  volatility: 'none',
  dampening: 1,
}));
const defaults = scenarioV2Schema.parse({});
/** The default grid of 27 scenarios and four further ones. */
export const TERMS = termsV2({ ...defaults, scenarios: [...extra, ...defaults.scenarios] }, 1);

/** Calls and puts on `strikes` strikes around each forward, with a smile. */
export function makeChain(strikes = STRIKES): ScenarioExpiry[] {
  return DAYS.map((days) => {
    const tau = days / 365;
    const forward = SPOT * Math.exp(0.06 * tau);
    return {
      tau,
      ...splitForward(forward, tau),
      rate: 0.04,
      forwardConfidence: 1,
      rateConfidence: 1,
      volatilityConfidence: 1,
      legs: Array.from({ length: 2 * strikes }, (_, i) => {
        const k = ((i >> 1) / (strikes - 1) - 0.5) * 5 * 0.6 * Math.sqrt(tau);
        const strike = Math.round(forward * Math.exp(k));
        return { strike, isCall: i % 2 === 0, amount: 0, volatility: 0.55 + 0.1 * k * k };
      }),
    };
  });
}

/** Every account: ten different options in one to four expiries, long or short, and a perp. */
export function makePositions(accounts: number): PositionColumns {
  const random = seeded(20250601);
  const below = (limit: number) => Math.floor(random() * limit);
  const length = accounts * (POSITIONS + 1);
  const account = new Int32Array(length);
  const instrument = new Int32Array(length);
  const size = new Float64Array(length);
  const held = new Int32Array(POSITIONS);
  let i = 0;
  for (let a = 0; a < accounts; a++) {
    const expiries = 1 + below(4);
    const first = below(DAYS.length);
    for (let p = 0; p < POSITIONS; p++) {
      // every expiry gets one, then any
      const expiry = (first + (p < expiries ? p : below(expiries))) % DAYS.length;
      let option: number;
      do option = expiry * OPTIONS_BY_EXPIRY + below(OPTIONS_BY_EXPIRY);
      while (held.subarray(0, p).includes(option));
      held[p] = option;
      account[i] = a;
      instrument[i] = option;
      size[i++] = Math.round((random() - 0.5) * 200) / 10 + 0.05;
    }
    account[i] = a;
    instrument[i] = OPTIONS;
    size[i++] = Math.round((random() - 0.5) * 100) / 10 + 0.05;
  }
  return { account, instrument, size };
}

export function makeBatch(accounts: number, positions: PositionColumns): Batch {
  const shape = {
    optionsByExpiry: DAYS.map(() => OPTIONS_BY_EXPIRY),
    linears: LINEAR_PRICES.length,
    scenarios: TERMS.scenarios,
    accounts,
  };
  return createBatch(shape, positions);
}

/** One account's own legs by expiry and its perp notional, as the straightforward version takes them. */
export function bookOf(positions: PositionColumns, chain: readonly ScenarioExpiry[], account: number) {
  const start = account * (POSITIONS + 1);
  const own = chain.map((expiry) => ({ ...expiry, legs: [] as ScenarioExpiry['legs'][number][] }));
  for (let i = start; i < start + POSITIONS; i++) {
    const option = positions.instrument[i]!;
    const e = Math.floor(option / OPTIONS_BY_EXPIRY);
    const leg = chain[e]!.legs[option % OPTIONS_BY_EXPIRY]!;
    own[e]!.legs.push({ ...leg, amount: positions.size[i]! });
  }
  const linear = positions.size[start + POSITIONS]! * LINEAR_PRICES[0]!;
  return { book: own.filter((expiry) => expiry.legs.length > 0), linear };
}
