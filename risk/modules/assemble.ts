import type { Reason } from '../market/verdict.ts';
import { wadFromNumber } from '../units/decimal.ts';
import { mulWadUp, type Wad } from '../units/wad.ts';
import type { SortedBook } from './book/book.ts';
import { priceRemarks } from './inputs.ts';
import { sumLines } from './lines.ts';
import type {
  BufferView,
  ContributionLine,
  MarginResult,
  PositionFailure,
  PositionSensitivity,
} from './module.ts';
import { statusOf } from './status.ts';

export interface ResultParts {
  readonly book: SortedBook;
  readonly lines: readonly ContributionLine[];
  readonly buffers: readonly BufferView[];
  /** Why the settlement stablecoin's price could not be had, when it was needed. */
  readonly stableFailure: Reason | null;
  readonly warningRatio: number;
  readonly liquidationCostWad: Wad;
  readonly sensitivities: readonly PositionSensitivity[];
  /** Failures beyond those of the book, e.g. positions that the module does not take. */
  readonly failures?: readonly PositionFailure[];
  /** Remarks beyond those on prices and buffers. */
  readonly reasons?: readonly Reason[];
}

/** Totals, nets and status from the lines; the same for every module. */
export function assembleResult(parts: ResultParts): MarginResult {
  const { book, lines, buffers, stableFailure } = parts;
  const failures = [...book.failures, ...(parts.failures ?? [])];
  const totals = sumLines(lines);
  const netInitialWad = totals.equityWad - totals.initialWad;
  const netMaintenanceWad = totals.equityWad - totals.maintenanceWad;
  return {
    equityWad: totals.equityWad,
    initialRequirementWad: totals.initialWad,
    maintenanceRequirementWad: totals.maintenanceWad,
    netInitialWad,
    netMaintenanceWad,
    liquidationCostWad: parts.liquidationCostWad,
    status: statusOf({
      equityWad: totals.equityWad,
      netInitialWad,
      netMaintenanceWad,
      warningLevelWad: mulWadUp(totals.initialWad, wadFromNumber(parts.warningRatio)),
      liquidationCostWad: parts.liquidationCostWad,
      failed: failures.length > 0 || stableFailure !== null,
    }),
    lines,
    buffers: [...buffers].sort((a, b) => (a.asset < b.asset ? -1 : 1)),
    failures,
    reasons: reasonsOf(book, buffers, stableFailure, parts.reasons ?? []),
    sensitivities: parts.sensitivities,
  };
}

/** Account-level remarks, each once. */
function reasonsOf(
  book: SortedBook,
  buffers: readonly BufferView[],
  stable: Reason | null,
  others: readonly Reason[],
): Reason[] {
  const all: Reason[] = stable === null ? [] : [stable];
  for (const { price } of [...book.perps, ...book.collateral, ...book.loans, ...book.options])
    all.push(...priceRemarks(price));
  for (const view of buffers) all.push(...view.reasons);
  all.push(...others);
  const seen = new Set<string>();
  return all.filter((reason) => {
    const key = `${reason.code}\n${reason.subject ?? ''}\n${reason.message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
