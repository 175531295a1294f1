import { setImmediate as breathe } from 'node:timers/promises';
import type { AccountImpact, ImpactSummary } from '../../db/queries/proposals.ts';
import type { MarginResult } from '../../risk/modules/module.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { wadToDecimal } from '../../risk/units/wad.ts';
import { AnalysisTooLargeError } from '../engine/analysis-errors.ts';
import type { EveryBook } from '../venues/every-book.ts';
import type { OnChains } from '../venues/on-chains.ts';
import type { PinnedModel } from './pinned-model.ts';

/** Margin of a book under a module and parameters, from the live market. `onChains`: what of it lies on chains. */
export type MarginUnder = (
  protocol: string,
  portfolio: AnyPortfolio,
  model: PinnedModel,
  onChains?: OnChains | null,
) => MarginResult | Promise<MarginResult>;

export const CALLED: ReadonlySet<string> = new Set(['margin-call', 'liquidatable', 'insolvent']);
export const LIQUIDATED: ReadonlySet<string> = new Set(['liquidatable', 'insolvent']);

/** Accounts between two breaths: other work of the process goes on meanwhile. */
const PER_BREATH = 10;

export interface Impact {
  readonly summary: ImpactSummary;
  readonly accounts: readonly AccountImpact[];
}

/** One account under both. */
export function accountImpact(account: string, before: MarginResult, after: MarginResult): AccountImpact {
  return {
    account,
    statusBefore: before.status,
    statusAfter: after.status,
    initialBeforeWad: before.initialRequirementWad,
    initialAfterWad: after.initialRequirementWad,
    maintenanceBeforeWad: before.maintenanceRequirementWad,
    maintenanceAfterWad: after.maintenanceRequirementWad,
    netInitialAfterWad: after.netInitialWad,
    netMaintenanceAfterWad: after.netMaintenanceWad,
  };
}

/** Totals of the accounts. Sums of requirements are of what could be valued. */
export function summarise(accounts: readonly AccountImpact[], asOfMs: UnixMs): ImpactSummary {
  const count = (which: (row: AccountImpact) => boolean) => accounts.filter(which).length;
  const sum = (of: (row: AccountImpact) => bigint) =>
    wadToDecimal(accounts.reduce((total, row) => total + of(row), 0n));
  const enters = (set: ReadonlySet<string>) => (row: AccountImpact) =>
    set.has(row.statusAfter) && !set.has(row.statusBefore);
  const statusChanges = new Map<string, number>();
  for (const { statusBefore, statusAfter } of accounts) {
    if (statusBefore === statusAfter) continue;
    const key = `${statusBefore} -> ${statusAfter}`;
    statusChanges.set(key, (statusChanges.get(key) ?? 0) + 1);
  }
  return {
    asOfMs,
    accounts: accounts.length,
    statusChanges: Object.fromEntries(statusChanges),
    newlyCalled: count(enters(CALLED)),
    newlyLiquidatable: count(enters(LIQUIDATED)),
    raised: count((row) => row.initialAfterWad > row.initialBeforeWad),
    lowered: count((row) => row.initialAfterWad < row.initialBeforeWad),
    unknown: count((row) => row.statusBefore === 'unknown' || row.statusAfter === 'unknown'),
    initialBefore: sum((row) => row.initialBeforeWad),
    initialAfter: sum((row) => row.initialAfterWad),
    maintenanceBefore: sum((row) => row.maintenanceBeforeWad),
    maintenanceAfter: sum((row) => row.maintenanceAfterWad),
  };
}

/** What moving from one model to another does to every account of a protocol, pushed and on chain, at the prices of now. @throws AnalysisTooLargeError */
export async function impactOf(options: {
  readonly books: EveryBook;
  readonly protocol: string;
  readonly before: PinnedModel;
  readonly after: PinnedModel;
  readonly margin: MarginUnder;
  readonly asOfMs: UnixMs;
  readonly signal: AbortSignal;
  /** Positions that may be valued, under both models together; any number when left out. */
  readonly limit?: number;
}): Promise<Impact> {
  const { books, protocol, before, after, margin, asOfMs, signal, limit } = options;
  const found: AccountImpact[] = [];
  let valued = 0;
  for await (const page of books(protocol)) {
    for (const { accountId, portfolio, onChains } of page) {
      if (found.length % PER_BREATH === 0) {
        signal.throwIfAborted();
        await breathe();
      }
      valued += 2 * (portfolio.positions.length + 1);
      if (limit !== undefined && valued > limit) throw new AnalysisTooLargeError(limit);
      const one = await margin(protocol, portfolio, before, onChains);
      const two = await margin(protocol, portfolio, after, onChains);
      found.push(accountImpact(accountId, one, two));
    }
  }
  return { summary: summarise(found, asOfMs), accounts: found };
}
