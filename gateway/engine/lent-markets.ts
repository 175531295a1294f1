import type { Reason } from '../../risk/market/verdict.ts';
import { collateralMarket } from '../../risk/modules/inputs.ts';
import type { AnyMarket, MarketDefinition } from '../../risk/modules/module.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { type Wad, wadFromDecimal, wadToDecimal } from '../../risk/units/wad.ts';
import { type LendingOverrides, lendingTerms } from '../governance/lending-overrides.ts';
import type { VenueDataView } from './venue-snapshot.ts';

/** One cap of a lent market, and what is left under it. */
export interface CapRoom {
  /** Units of the asset; null: no cap. */
  readonly capWad: Wad | null;
  /** What the venue told of all accounts and still stands by; null: nothing. */
  readonly totalWad: Wad | null;
  /** Left under the cap: 0 while the total is not known; null: no cap. */
  readonly roomWad: Wad | null;
  /** Why no room is claimed though there is a cap; empty otherwise. */
  readonly reasons: readonly Reason[];
}

/** A market that is lent, with its caps in force and the totals that the venue told. */
export interface LentMarket {
  readonly market: string;
  readonly asset: string;
  readonly supply: CapRoom;
  readonly borrow: CapRoom;
}

/** Lent markets of a protocol at a moment, in order of their ids. */
export function lentMarkets(
  markets: Iterable<AnyMarket>,
  overrides: LendingOverrides | null,
  view: VenueDataView,
  protocol: string,
  nowMs: UnixMs,
): readonly LentMarket[] {
  const lent = [...markets].flatMap((market): LentMarket[] => {
    const terms = market.kind === 'collateral' ? lendingTerms(market, overrides) : null;
    if (terms === null) return [];
    const entry = view.get(protocol, market.id);
    const { suppliedWad = null, borrowedWad = null } = entry?.data ?? {};
    const ageMs = entry === null ? 0 : nowMs - entry.asOfMs;
    const room = (what: 'supply' | 'borrow', cap: string | null, totalWad: Wad | null): CapRoom => {
      const old = totalWad !== null && ageMs > entry!.maxAgeMs;
      return roomOf(market as MarketDefinition, what, cap, old ? null : totalWad, old ? ageMs : null);
    };
    return [
      {
        market: market.id,
        asset: market.asset,
        supply: room('supply', terms.supplyCap, suppliedWad),
        borrow: room('borrow', terms.borrowCap, borrowedWad),
      },
    ];
  });
  return lent.sort((a, b) => (a.market < b.market ? -1 : 1));
}

function roomOf(
  { id }: MarketDefinition,
  what: 'supply' | 'borrow',
  cap: string | null,
  totalWad: Wad | null,
  tooOldMs: number | null,
): CapRoom {
  const capWad = cap === null ? null : wadFromDecimal(cap);
  if (capWad === null) return { capWad, totalWad, roomWad: null, reasons: [] };
  if (totalWad !== null) {
    const roomWad = capWad > totalWad ? capWad - totalWad : 0n;
    const message = `the ${what} cap of ${id} is reached`;
    const reasons = roomWad > 0n ? [] : [{ code: `${what}-cap-reached`, message, subject: id }];
    return { capWad, totalWad, roomWad, reasons };
  }
  const done = what === 'supply' ? 'supplied' : 'borrowed';
  const why = tooOldMs === null ? 'was not told' : `was told ${tooOldMs / 1000} s ago, which is too old`;
  const message = `what is ${done} of ${id} in all ${why}: no room under the cap is claimed`;
  const code = tooOldMs === null ? `${what}-total-missing` : `${what}-total-stale`;
  return { capWad, totalWad, roomWad: 0n, reasons: [{ code, message, subject: id }] };
}

/** Units of each lent market that a book supplies and borrows. */
function amountsOf(book: AnyPortfolio | null, markets: ReadonlyMap<string, AnyMarket>) {
  const amounts = new Map<string, { supply: Wad; borrow: Wad }>();
  for (const position of book?.positions ?? []) {
    if (position.kind !== 'collateral' && position.kind !== 'loan') continue;
    const id = position.kind === 'loan' ? position.market : collateralMarket(markets, position.asset)?.id;
    if (id === undefined) continue;
    const own = amounts.get(id) ?? { supply: 0n, borrow: 0n };
    own[position.kind === 'loan' ? 'borrow' : 'supply'] += position.amountWad;
    amounts.set(id, own);
  }
  return amounts;
}

/**
 * What a change of a book would do to the caps of lent markets: what it adds must have room. `before` null: a whole book, of which
 * nothing is in the totals yet. Only what grows is looked at.
 */
export function capRemarks(
  lent: readonly LentMarket[],
  markets: ReadonlyMap<string, AnyMarket>,
  before: AnyPortfolio | null,
  after: AnyPortfolio,
): readonly Reason[] {
  if (lent.every(({ supply, borrow }) => supply.capWad === null && borrow.capWad === null)) return [];
  const [old, next] = [amountsOf(before, markets), amountsOf(after, markets)];
  return lent.flatMap((market) =>
    (['supply', 'borrow'] as const).flatMap((what): readonly Reason[] => {
      const { capWad, totalWad, reasons } = market[what];
      const added = (next.get(market.market)?.[what] ?? 0n) - (old.get(market.market)?.[what] ?? 0n);
      if (capWad === null || added <= 0n) return [];
      const known = totalWad ?? 0n;
      // a whole book may be in a total that nobody told: it adds nothing that is known
      if (known + added <= capWad) return totalWad === null && before !== null ? reasons : [];
      const message = `the ${what} of ${market.market} would be ${wadToDecimal(known + added)}${totalWad === null ? ' or more' : ''}, its cap is ${wadToDecimal(capWad)}`;
      return [{ code: `${what}-cap-exceeded`, message, subject: market.market }];
    }),
  );
}
