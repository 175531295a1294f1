import type { MarketSnapshot } from '../../market/market-data.ts';
import type { Reason } from '../../market/verdict.ts';
import { settle } from '../../units/settle.ts';
import type { Wad } from '../../units/wad.ts';
import type { SortedBook } from '../book/book.ts';
import { line } from '../lines.ts';
import type { ContributionLine } from '../module.ts';
import { addOnCharges, usableLiquidity } from './charges.ts';
import type { AddOnParameters } from './parameters.ts';

export interface AddOnLines {
  readonly lines: readonly ContributionLine[];
  /** Data that is too old; the parameters stand for it. */
  readonly reasons: readonly Reason[];
}

/** What is left of each collateral after the lines so far: with all charges it cannot be worth less than nothing. */
function roomOf(book: SortedBook, lines: readonly ContributionLine[]) {
  const room = new Map<string, { initial: Wad; maintenance: Wad }>();
  for (const { position } of book.collateral) room.set(position.id, { initial: 0n, maintenance: 0n });
  for (const { positionId, equityWad, initialWad, maintenanceWad, term } of lines) {
    const own = positionId === null ? undefined : room.get(positionId);
    if (!own || !term.startsWith('collateral')) continue;
    own.initial += equityWad - initialWad;
    own.maintenance += equityWad - maintenanceWad;
  }
  return room;
}

const atMost = (value: Wad, room: Wad | undefined): Wad =>
  room === undefined || value <= room ? value : room > 0n ? room : 0n;

/** Add-ons as lines; `lines` are those of the module, which leave collateral its room. */
export function addOnLines(
  book: SortedBook,
  market: MarketSnapshot,
  p: AddOnParameters,
  lines: readonly ContributionLine[],
): AddOnLines {
  const room = roomOf(book, lines);
  const reasons: Reason[] = [];
  for (const group of book.perps) {
    const found = usableLiquidity(market, group.market.id, p);
    if (found !== null && 'code' in found) reasons.push(found);
  }
  const out: ContributionLine[] = [];
  for (const { owner, term, amount } of addOnCharges(book, market, p)) {
    const wad = settle(amount, 'debit', term);
    const left = room.get(owner.id);
    const initial = atMost(wad, left?.initial);
    const maintenance = atMost(wad, left?.maintenance);
    if (initial !== 0n || maintenance !== 0n) out.push(line(owner, term, { initial, maintenance }));
  }
  return { lines: out, reasons };
}
