import type { MarketLiquidity } from '../../market/liquidity.ts';
import type { MarketSnapshot } from '../../market/market-data.ts';
import type { Reason } from '../../market/verdict.ts';
import { blackDelta } from '../../pricing/black76.ts';
import { WAD, wadToFloat } from '../../units/wad.ts';
import type { SortedBook } from '../book/book.ts';
import { netSize, notionalOf, type PerpGroup } from '../book/derivative.ts';
import { costThroughDepth, costWithoutDepth, depthSteps } from './closing-cost.ts';
import { type AddOnParameters, addOnAssetOf } from './parameters.ts';

export type AddOnTerm = 'liquidity' | 'concentration' | 'basis';

/** What one position is charged, in quote, for both margins; positions that offset others show negative figures. */
export interface AddOnCharge {
  readonly owner: { readonly id: string; readonly chain: string | null };
  readonly term: AddOnTerm;
  readonly amount: number;
}

type ScaleOf = (asset: string) => number;
interface Part {
  readonly owner: { readonly id: string; readonly chain: string | null };
  /** Signed share; the charge is on the magnitude of the sum. */
  readonly notional: number;
}

/** Liquidity data of a market that may be used, else why not; null: there is none. */
export function usableLiquidity(
  market: MarketSnapshot,
  id: string,
  p: AddOnParameters,
): MarketLiquidity | Reason | null {
  const data = market.liquidity?.get(id);
  if (!data) return null;
  const age = market.asOfMs - data.asOfMs;
  const oldest = Math.min(p.maxDataAgeSeconds * 1000, data.maxAgeMs ?? Number.POSITIVE_INFINITY);
  if (age >= 0 && age <= oldest) return data;
  const message = `depth and volume of ${id} are ${age / 1000} s old`;
  return { code: 'liquidity-data-stale', message, subject: id };
}

/** Splits a charge on a net notional by signed shares (Euler). */
function shareOut(parts: readonly Part[], net: number, term: AddOnTerm, total: number): AddOnCharge[] {
  if (net === 0 || total === 0) return [];
  return parts.map(({ owner, notional }) => ({ owner, term, amount: (total * notional) / net }));
}

/** Rate for positions beyond the free shares of daily volume and open interest; a threshold, so not of degree one. */
export function concentrationRate(
  notional: number,
  dailyVolume: number,
  openInterest: number | null,
  { volumeShare, interestShare, slope, largestRate }: AddOnParameters['concentration'],
): number {
  const byVolume = notional / dailyVolume / volumeShare;
  const byInterest = openInterest !== null && openInterest > 0 ? notional / openInterest / interestShare : 0;
  return Math.min(largestRate, slope * Math.max(0, Math.max(byVolume, byInterest) - 1));
}

/** Liquidity and concentration of the net position in one perp or future market. */
function marketCharges(group: PerpGroup, market: MarketSnapshot, p: AddOnParameters, scale: number) {
  const { positions, market: definition } = group;
  const parts = positions.map((owner) => ({ owner, notional: notionalOf(group, owner.sizeWad, scale) }));
  const net = notionalOf(group, netSize(positions), scale);
  const size = Math.abs(net);
  const own = addOnAssetOf(p, definition.asset);
  const found = usableLiquidity(market, definition.id, p);
  const data = found !== null && 'asOfMs' in found ? found : null;
  const worth = (amount: number) => Math.abs(notionalOf(group, WAD, scale)) * amount;
  const side = net > 0 ? data?.depth?.bids : data?.depth?.asks;
  const steps = depthSteps(side ?? [], wadToFloat(group.price.priceWad), own.spread, worth);
  const cost = steps.length > 0 ? costThroughDepth(steps, size) : costWithoutDepth(own, size);
  const liquidity = Math.min(p.liquidity.largestRate * size, cost) * p.liquidity.weight;
  const interest = data?.openInterestWad ?? null;
  const volume = data?.dailyVolume != null && data.dailyVolume > 0 ? data.dailyVolume : own.dailyVolume;
  const concentration =
    size *
    concentrationRate(size, volume, interest === null ? null : worth(wadToFloat(interest)), p.concentration);
  return [
    ...shareOut(parts, net, 'liquidity', liquidity),
    ...shareOut(parts, net, 'concentration', concentration),
  ];
}

/** Basis: per asset and expiry |net notional| x max(annualised move x tau, least move). */
function basisCharges(groups: readonly PerpGroup[], p: AddOnParameters, scaleOf: ScaleOf): AddOnCharge[] {
  const byExpiry = new Map<string, { rate: number; parts: Part[] }>();
  for (const group of groups) {
    const { market } = group;
    // a perp that is marked at the index has no basis
    if (market.kind === 'perp' && market.indexFeedId === undefined) continue;
    const key = `${market.asset}\n${market.kind === 'future' ? market.expiryMs : 'perp'}`;
    const rate = Math.max(p.basis.annualisedMove * (group.tau ?? 0), p.basis.minimumMove);
    const entry = byExpiry.get(key) ?? { rate, parts: [] };
    byExpiry.set(key, entry);
    for (const owner of group.positions)
      entry.parts.push({ owner, notional: notionalOf(group, owner.sizeWad, scaleOf(market.asset)) });
  }
  return [...byExpiry.values()].flatMap(({ rate, parts }) => {
    const net = parts.reduce((sum, { notional }) => sum + notional, 0);
    return shareOut(parts, net, 'basis', Math.abs(net) * rate);
  });
}

/** Liquidity and concentration of what is closed leg by leg: the gross notional of an asset. */
function grossCharges(parts: readonly Part[], asset: string, p: AddOnParameters, large: boolean) {
  const gross = parts.reduce((sum, { notional }) => sum + notional, 0);
  const own = addOnAssetOf(p, asset);
  const cost = Math.min(p.liquidity.largestRate * gross, costWithoutDepth(own, gross));
  const rate = large ? concentrationRate(gross, own.dailyVolume, null, p.concentration) : 0;
  return [
    ...shareOut(parts, gross, 'liquidity', cost * p.liquidity.weight),
    ...shareOut(parts, gross, 'concentration', gross * rate),
  ];
}

function byAsset<T>(entries: readonly T[], assetOf: (entry: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const group = groups.get(assetOf(entry));
    if (group) group.push(entry);
    else groups.set(assetOf(entry), [entry]);
  }
  return groups;
}

/** All add-ons of a book with prices multiplied by `scaleOf(asset)`; float64. Formulas: docs/modules/add-ons.md. */
export function addOnCharges(
  book: SortedBook,
  market: MarketSnapshot,
  p: AddOnParameters,
  scaleOf: ScaleOf = () => 1,
): AddOnCharge[] {
  const charges = book.perps.flatMap((group) => marketCharges(group, market, p, scaleOf(group.market.asset)));
  charges.push(...basisCharges(book.perps, p, scaleOf));
  for (const [asset, groups] of byAsset(book.options, (group) => group.asset)) {
    const moved = scaleOf(asset);
    const parts = groups.flatMap((group) =>
      group.legs.map(({ position: owner, size, strike, volatility, isCall }) => {
        const at = group.forward * moved;
        const delta = blackDelta(at, strike, group.tau, volatility, isCall);
        return { owner, notional: Math.abs(size * delta * at) };
      }),
    );
    charges.push(...grossCharges(parts, asset, p, true));
  }
  for (const legs of [book.collateral, book.loans] as const) {
    for (const [asset, own] of byAsset([...legs], (leg) => leg.market.asset)) {
      const parts = own.map(({ position: owner, price }) => ({
        owner,
        notional: wadToFloat(owner.amountWad) * wadToFloat(price.priceWad) * scaleOf(asset),
      }));
      charges.push(...grossCharges(parts, asset, p, false));
    }
  }
  return charges;
}
