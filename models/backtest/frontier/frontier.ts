import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { CRASHES } from '../crashes.ts';
import type { LeveredAccount } from './book.ts';
import type { HourlyPaths, MarginPath } from './margin-paths.ts';
import { type BookResult, simulateBook } from './simulate-book.ts';

/** Multiples of the 99 % margin that are asked as initial margin. */
export const LEVELS = [0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.4] as const;
/** Shares of accounts liquidated without need at which margins are compared. */
export const COMPARED_SHARES = [0.1, 0.15, 0.2, 0.25] as const;
/** Bad debts per notional at which margins are compared. */
export const COMPARED_DEBTS = [3e-3, 1e-3, 3e-4, 1e-4] as const;
/** Level of the rows by crash. */
export const CRASH_LEVEL = 0.5;

/** One margin at one level over the whole book; shares are of all accounts. */
export interface FrontierPoint {
  readonly asset: string;
  readonly margin: string;
  readonly kind: MarginPath['kind'];
  readonly level: number;
  readonly accounts: number;
  /** Mean capital put up at opening, per notional. */
  readonly meanCapital: number;
  readonly liquidated: number;
  readonly unnecessary: number;
  /** Bad debt per notional opened. */
  readonly badDebt: number;
  /** Part of `badDebt` from accounts liquidated on the day, or in the month, of each crash of CRASHES. */
  readonly crashes: Readonly<Record<string, number>>;
}

/** Every margin of the paths at every level, on the same book. */
export function frontierPoints(
  asset: string,
  paths: HourlyPaths,
  book: readonly LeveredAccount[],
): FrontierPoint[] {
  return paths.margins.flatMap((margin) =>
    LEVELS.map((level) => {
      const result = simulateBook(book, paths, margin, level);
      return {
        asset,
        margin: margin.name,
        kind: margin.kind,
        level,
        accounts: result.accounts,
        meanCapital: result.capital / result.accounts,
        liquidated: result.liquidated / result.accounts,
        unnecessary: result.unnecessary / result.accounts,
        badDebt: result.badDebt / result.accounts,
        crashes: crashDebts(paths, result),
      };
    }),
  );
}

function crashDebts(paths: HourlyPaths, result: BookResult): Record<string, number> {
  const debts: Record<string, number> = Object.fromEntries(CRASHES.map((crash) => [crash, 0]));
  for (const [row, debt] of result.badDebtByRow) {
    // The hour that ends at midnight belongs to the day before.
    const day = new Date(paths.fromMs + row * MS_PER_HOUR - 1).toISOString();
    const crash = CRASHES.find((one) => day.startsWith(one));
    if (crash !== undefined) debts[crash] = debts[crash]! + debt / result.accounts;
  }
  return debts;
}

export interface Comparison {
  readonly unnecessary: number;
  readonly badDebt: number;
  readonly meanCapital: number;
}

/**
 * One margin's curve where its share of unnecessary liquidations first reaches `share`: between two levels the logarithm of
 * bad debt and the capital are linear in the share. Null where the curve does not reach it or has no bad debt there.
 */
export function compareAt(points: readonly FrontierPoint[], share: number): Comparison | null {
  for (let at = 1; at < points.length; at++) {
    const [lower, upper] = [points[at - 1]!, points[at]!];
    if (lower.unnecessary > share || upper.unnecessary < share) continue;
    if (!(lower.badDebt > 0 && upper.badDebt > 0)) return null;
    const part = (share - lower.unnecessary) / (upper.unnecessary - lower.unnecessary || 1);
    return {
      unnecessary: share,
      badDebt: Math.exp(Math.log(lower.badDebt) * (1 - part) + Math.log(upper.badDebt) * part),
      meanCapital: lower.meanCapital * (1 - part) + upper.meanCapital * part,
    };
  }
  return null;
}

/**
 * The same where the curve's bad debt first falls to `badDebt`: between two levels share and capital are linear in the
 * logarithm of bad debt, in bad debt itself where the higher level has none.
 */
export function compareAtDebt(points: readonly FrontierPoint[], badDebt: number): Comparison | null {
  for (let at = 1; at < points.length; at++) {
    const [lower, upper] = [points[at - 1]!, points[at]!];
    if (lower.badDebt < badDebt || upper.badDebt > badDebt) continue;
    const scale = (debt: number) => (upper.badDebt > 0 ? Math.log(debt) : debt);
    const whole = scale(lower.badDebt) - scale(upper.badDebt);
    const part = whole > 0 ? (scale(lower.badDebt) - scale(badDebt)) / whole : 0;
    return {
      unnecessary: lower.unnecessary * (1 - part) + upper.unnecessary * part,
      badDebt,
      meanCapital: lower.meanCapital * (1 - part) + upper.meanCapital * part,
    };
  }
  return null;
}
