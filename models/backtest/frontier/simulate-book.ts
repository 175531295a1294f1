import { HOLDING_HOURS, type LeveredAccount } from './book.ts';
import type { HourlyPaths, MarginPath } from './margin-paths.ts';

/** Maintenance as a share of initial margin. */
export const MAINTENANCE_SHARE = 0.8;
/** Cost of closing a liquidated position, as a share of its notional then. */
export const LIQUIDATION_COST = 0.005;
/** A liquidation was unnecessary if the price came back within so many hours. */
export const RETURN_HOURS = 24;

export interface BookResult {
  readonly accounts: number;
  readonly liquidated: number;
  readonly unnecessary: number;
  /** Sum over the accounts of what was owed beyond their capital, in units of the notional they opened with. */
  readonly badDebt: number;
  /** Sum of the capital they put up, in the same units. */
  readonly capital: number;
  /** Bad debt by the row at which the account was liquidated. */
  readonly badDebtByRow: ReadonlyMap<number, number>;
}

/**
 * Runs every account of the book through the prices under one margin times `level`.
 * Opening: capital is the account's own or the initial margin, whichever is more. Every hour, at the close: liquidated
 * when equity is below MAINTENANCE_SHARE of the lagged margin on the notional of that moment. The position is then closed at
 * the worst price of the next hour, less LIQUIDATION_COST; what equity lacks is bad debt. Nobody adds capital. A missing
 * hour has no price and checks nothing; without a margin the last one stands.
 */
export function simulateBook(
  book: readonly LeveredAccount[],
  paths: HourlyPaths,
  margin: MarginPath,
  level: number,
): BookResult {
  let liquidated = 0;
  let unnecessary = 0;
  let badDebt = 0;
  let capital = 0;
  const badDebtByRow = new Map<number, number>();
  for (const account of book) {
    const path = margin.sides[account.side];
    const open = firstKnown(paths.close, account.openRow, 1);
    if (open < 0) continue;
    const required = level * path.initial[firstKnown(path.initial, open, -1)]!;
    const own = Math.max(account.capital, required);
    capital += own;
    const end = liquidationRow(paths, path.lagged, account, open, own, level);
    if (end < 0) continue;
    liquidated += 1;
    const debt = Math.max(0, -equityAtClose(paths, account, open, end, own));
    badDebt += debt;
    if (debt > 0) badDebtByRow.set(end, (badDebtByRow.get(end) ?? 0) + debt);
    if (cameBack(paths, account, open, end, own)) unnecessary += 1;
  }
  return { accounts: book.length, liquidated, unnecessary, badDebt, capital, badDebtByRow };
}

/** Equity at a price, in units of the notional at opening. */
function equityAt(account: LeveredAccount, own: number, ratio: number): number {
  return own + (account.side === 'long' ? ratio - 1 : 1 - ratio);
}

/** Row at whose close the account is below maintenance; -1 when it never is. */
function liquidationRow(
  paths: HourlyPaths,
  lagged: Float64Array,
  account: LeveredAccount,
  open: number,
  own: number,
  level: number,
): number {
  const price = paths.close[open]!;
  const last = Math.min(open + HOLDING_HOURS, paths.rows - 1);
  let margin = 0;
  for (let row = open; row <= last; row++) {
    if (lagged[row]! > 0) margin = lagged[row]!;
    if (row === open) continue;
    const ratio = paths.close[row]! / price;
    // False for a missing hour.
    if (equityAt(account, own, ratio) < MAINTENANCE_SHARE * level * margin * ratio) return row;
  }
  return -1;
}

/** Worst price of a row for the side. */
const worst = (paths: HourlyPaths, account: LeveredAccount, row: number) =>
  account.side === 'long' ? paths.low[row]! : paths.high[row]!;

/** Equity left when the position is closed in the hour after `end`; at the close of `end` where the path ends. */
function equityAtClose(
  paths: HourlyPaths,
  account: LeveredAccount,
  open: number,
  end: number,
  own: number,
): number {
  const next = firstKnown(paths.close, end + 1, 1);
  const ratio = (next < 0 ? paths.close[end]! : worst(paths, account, next)) / paths.close[open]!;
  return equityAt(account, own, ratio) - LIQUIDATION_COST * ratio;
}

/**
 * Whether, left alone, the account would have kept equity above zero until an hourly close that was back at the price of the
 * last check before its liquidation, within RETURN_HOURS.
 */
function cameBack(
  paths: HourlyPaths,
  account: LeveredAccount,
  open: number,
  end: number,
  own: number,
): boolean {
  const price = paths.close[open]!;
  if (equityAt(account, own, paths.close[end]! / price) <= 0) return false;
  const before = paths.close[firstKnown(paths.close, end - 1, -1)]!;
  const last = Math.min(end + RETURN_HOURS, paths.rows - 1);
  for (let row = end + 1; row <= last; row++) {
    if (equityAt(account, own, worst(paths, account, row) / price) <= 0) return false;
    const close = paths.close[row]!;
    if (account.side === 'long' ? close >= before : close <= before) return true;
  }
  return false;
}

/** First row from `row` on in the direction `step` whose value is a number; -1 when there is none. */
function firstKnown(values: Float64Array, row: number, step: 1 | -1): number {
  for (let at = row; at >= 0 && at < values.length; at += step) if (!Number.isNaN(values[at]!)) return at;
  return -1;
}
