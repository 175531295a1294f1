import type { MarketSnapshot } from '../../market/market-data.ts';
import type { SortedBook } from '../book/book.ts';
import type { RevaluedMargin } from '../module.ts';
import { addOnCharges } from './charges.ts';
import type { AddOnParameters } from './parameters.ts';

/** Adds the add-ons at moved prices to a revalued margin. The bound at the value of collateral is left out: it only lowers. */
export function addRevalued(
  book: SortedBook,
  market: MarketSnapshot,
  p: AddOnParameters,
  scaleOf: (asset: string) => number,
  out: RevaluedMargin,
): void {
  for (const { amount } of addOnCharges(book, market, p, scaleOf)) {
    out.initialRequirement += amount;
    out.maintenanceRequirement += amount;
  }
}
