import { InvalidInputError } from '../errors.ts';
import type { MarginResult } from '../modules/module.ts';
import type { AnyPortfolio } from '../portfolio/portfolio.ts';
import { wadFromNumber } from '../units/decimal.ts';
import { mulWadUp, type Wad } from '../units/wad.ts';
import { type Closable, type Close, closablesOf, closed, PARTS } from './close.ts';
import type { MarginQuestion } from './liquidation-price.ts';

export type { Close } from './close.ts';

export interface LiquidationPlan {
  readonly closes: readonly Close[];
  /** The account after the closes. */
  readonly after: AnyPortfolio;
  readonly netInitialWad: Wad;
  /** False: no further close helps and the target is not reached; the rest is for an auction. */
  readonly reached: boolean;
}

/** Charges that fall faster than the position: closing it can free more of them than its own line. */
const STEEP_TERMS: ReadonlySet<string> = new Set(['liquidity', 'concentration']);

/** A position with the most that closing it can gain per quote. */
interface Candidate {
  readonly closable: Closable;
  readonly bound: number;
}

/**
 * Candidates, the best bound first. The requirement is convex in sizes and of degree one but for the steep terms, so
 * closing a position frees at most what its lines say (a subgradient) and the steep charges of its asset.
 */
function candidatesOf(
  closables: readonly Closable[],
  result: MarginResult,
  costRateWad: Wad,
  assetOf: ReadonlyMap<string, string>,
): Candidate[] {
  const own = new Map<string, Wad>();
  const steep = new Map<string, Wad>();
  for (const { positionId, term, initialWad } of result.lines) {
    if (positionId === null) continue;
    const isSteep = STEEP_TERMS.has(term);
    const key = isSteep ? (assetOf.get(positionId) ?? '') : positionId;
    const table = isSteep ? steep : own;
    table.set(key, (table.get(key) ?? 0n) + initialWad);
  }
  const candidates = closables.map((closable): Candidate => {
    const { position, notionalWad, asset } = closable;
    // Margins of option legs need not be convex: they are always tried.
    if (position.kind === 'option') return { closable, bound: Number.POSITIVE_INFINITY };
    const gain = (own.get(position.id) ?? 0n) + (steep.get(asset) ?? 0n);
    return { closable, bound: ratioOf(gain - mulWadUp(notionalWad, costRateWad), notionalWad) };
  });
  return candidates.sort((a, b) => (a.bound === b.bound ? byId(a.closable, b.closable) : b.bound - a.bound));
}

const byId = (a: Closable, b: Closable) => (a.position.id < b.position.id ? -1 : 1);

/** Ratios that differ by rounding only are the same one: nine digits. */
const ratioOf = (gain: Wad, notional: Wad) =>
  Number((Number(gain) / Number(notional > 0n ? notional : 1n)).toPrecision(9));

interface Trial {
  readonly closable: Closable;
  readonly portfolio: AnyPortfolio;
  readonly close: Close;
  readonly result: MarginResult;
  readonly ratio: number;
}

/**
 * Closes the least that brings net initial margin to `targetWad`: perps, futures and options in the order of margin gained per
 * quote closed (of equals the first by id), each fully but the last, of which only the needed share. Trades at the mark
 * with a cost; PnL and its share of funding move to cash. The module recomputes the account after every close, so
 * netting and the buffer count; candidates that cannot beat the best one by their own lines are not tried, which
 * leaves about one recalculation per close.
 * @throws InvalidInputError for a cost rate outside [0, 1).
 */
export function planPartialClose<P>(
  question: MarginQuestion<P>,
  targetWad: Wad,
  costRate: number,
): LiquidationPlan {
  if (!(costRate >= 0 && costRate < 1))
    throw new InvalidInputError('costRate', 'must be at least 0 and below 1');
  const costRateWad = wadFromNumber(costRate);
  const { module, parameters, markets, market } = question;
  const marginOf = (portfolio: AnyPortfolio) => module.calculate(portfolio, markets, market, parameters);
  const closes: Close[] = [];
  let portfolio = question.portfolio;
  let result = marginOf(portfolio);
  let left = result.netInitialWad < targetWad ? closablesOf(question) : [];
  const assetOf = new Map(left.map(({ position, asset }) => [position.id, asset]));
  while (result.netInitialWad < targetWad) {
    const net = result.netInitialWad;
    const failed = new Set(result.failures.map(({ positionId }) => positionId));
    let best: Trial | null = null;
    for (const { closable, bound } of candidatesOf(left, result, costRateWad, assetOf)) {
      if (failed.has(closable.position.id)) continue;
      if (bound <= 0 || (best !== null && best.ratio >= bound)) break;
      const done = closed(portfolio, closable, PARTS, costRateWad);
      const after = marginOf(done.portfolio);
      const gain = after.netInitialWad - net;
      const ratio = ratioOf(gain, closable.notionalWad);
      const better = best === null || ratio > best.ratio;
      if (gain > 0n && (better || (ratio === best!.ratio && byId(closable, best!.closable) < 0)))
        best = { closable, ...done, result: after, ratio };
    }
    if (best === null) return { closes, after: portfolio, netInitialWad: net, reached: false };
    let step: Trial = best;
    if (best.result.netInitialWad >= targetWad) {
      let low = 0n;
      let parts = PARTS;
      while (parts - low > 1n) {
        const middle = (low + parts) / 2n;
        const done = closed(portfolio, best.closable, middle, costRateWad);
        const after = marginOf(done.portfolio);
        if (after.netInitialWad >= targetWad) {
          parts = middle;
          step = { ...best, ...done, result: after };
        } else low = middle;
      }
    }
    closes.push(step.close);
    ({ portfolio, result } = step);
    left = left.filter((each) => each.position.id !== best.closable.position.id);
  }
  return { closes, after: portfolio, netInitialWad: result.netInitialWad, reached: true };
}
