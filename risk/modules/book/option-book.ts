import type { MarketPrice, MarketSnapshot } from '../../market/market-data.ts';
import { type OptionExpiryData, volatilityAt } from '../../market/option-data.ts';
import type { Reason } from '../../market/verdict.ts';
import type { OptionPosition } from '../../portfolio/portfolio.ts';
import { SECONDS_PER_YEAR } from '../../units/time.ts';
import { wadToFloat } from '../../units/wad.ts';
import { isPrice, marginPrice, unknownMarket } from '../inputs.ts';
import type { AnyMarket, OptionMarket, PositionFailure } from '../module.ts';
import { isForward, settlementMark } from './settlement.ts';

export interface OptionLeg {
  readonly position: OptionPosition;
  /**
   * Options whose value in quote this leg has. Coin-settled: price/forward coins at the index, so contracts x index /
   * forward, whatever the move of both.
   */
  readonly size: number;
  /** Signed number of contracts, for charges and payoffs. */
  readonly contracts: number;
  readonly strike: number;
  readonly isCall: boolean;
  readonly volatility: number;
}

/** All options of one asset and expiry. */
export interface OptionGroup {
  readonly asset: string;
  readonly price: MarketPrice;
  readonly spot: number;
  /** Settlement forward in the last hour, forward before. */
  readonly forward: number;
  readonly tau: number;
  readonly data: OptionExpiryData;
  /** Lowest of index, forward and volatility confidence. */
  readonly confidenceScore: number;
  readonly legs: readonly OptionLeg[];
}

/** Beyond these, figures are faults of their source: prices would overflow or say nothing. */
const LARGEST_RATE = 10;
const LARGEST_VOLATILITY = 1000;
const LONGEST_MS = 100 * 1000 * SECONDS_PER_YEAR;

/** Data of an expiry that can price it now, or why not. */
function usableData(
  definition: OptionMarket,
  market: MarketSnapshot,
  maxAgeMs: number,
): OptionExpiryData | Reason {
  const subject = definition.id;
  const left = definition.expiryMs - market.asOfMs;
  if (!(left > 0)) return { code: 'option-expired', message: `${subject} has expired`, subject };
  const data = market.options?.get(definition.asset)?.get(definition.expiryMs);
  if (!data) return { code: 'option-data-missing', message: `no forward and smile for ${subject}`, subject };
  const age = market.asOfMs - data.asOfMs;
  if (!(age >= 0 && age <= maxAgeMs)) {
    return {
      code: 'option-data-stale',
      message: `forward and smile of ${subject} are ${age / 1000} s old`,
      subject,
    };
  }
  const scores = [data.forwardConfidence, data.volatilityConfidence, data.rateConfidence];
  const sound =
    isForward(data.forward) &&
    Math.abs(data.rate) <= LARGEST_RATE &&
    left <= LONGEST_MS &&
    definition.strikeWad >= 0n &&
    scores.every((c) => c >= 0 && c <= 1);
  if (!sound)
    return {
      code: 'option-data-invalid',
      message: `strike, expiry, forward, rate or confidence of ${subject} is not sound`,
      subject,
    };
  return data;
}

/** Groups options by asset and expiry; one that cannot be priced is a failure of its own. */
export function groupOptions(
  positions: readonly OptionPosition[],
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  maxAgeMs: number,
): { readonly groups: readonly OptionGroup[]; readonly failures: readonly PositionFailure[] } {
  const failures: PositionFailure[] = [];
  const groups = new Map<string, OptionGroup & { legs: OptionLeg[] }>();
  // no functions inside the loop: it runs for every option of every account
  for (const position of positions) {
    const definition = markets.get(position.market);
    const group = definition?.kind === 'option' ? groupFor(definition, market, maxAgeMs, groups) : null;
    if (group === null || definition?.kind !== 'option') {
      failures.push({ positionId: position.id, reason: unknownMarket(position.market) });
      continue;
    }
    if ('code' in group) {
      failures.push({ positionId: position.id, reason: group });
      continue;
    }
    const strike = wadToFloat(definition.strikeWad);
    const volatility = volatilityAt(group.data, strike);
    if (volatility === null || volatility > LARGEST_VOLATILITY)
      failures.push({ positionId: position.id, reason: noVolatility(definition.id) });
    else {
      const contracts = wadToFloat(position.sizeWad);
      const size = definition.settlement === 'coin' ? contracts * (group.spot / group.forward) : contracts;
      group.legs.push({ position, size, contracts, strike, isCall: definition.isCall, volatility });
    }
  }
  return { groups: [...groups.values()].filter(({ legs }) => legs.length > 0), failures };
}

const noVolatility = (subject: string): Reason => ({
  code: 'volatility-missing',
  message: `no volatility for ${subject}`,
  subject,
});

/** The group of an option's asset, expiry and index feed, made when it is the first; a reason when nothing prices it. */
function groupFor(
  definition: OptionMarket,
  market: MarketSnapshot,
  maxAgeMs: number,
  groups: Map<string, OptionGroup & { legs: OptionLeg[] }>,
): (OptionGroup & { legs: OptionLeg[] }) | Reason {
  const key = `${definition.asset}\n${definition.expiryMs}\n${definition.feedId}`;
  const known = groups.get(key);
  if (known !== undefined) return known;
  const price = marginPrice(market, definition.feedId);
  if (!isPrice(price)) return price;
  const data = usableData(definition, market, maxAgeMs);
  if (!('smile' in data)) return data;
  const group = newGroup(definition, price, data, market.asOfMs);
  groups.set(key, group);
  return group;
}

function newGroup(definition: OptionMarket, price: MarketPrice, data: OptionExpiryData, nowMs: number) {
  const seconds = (definition.expiryMs - nowMs) / 1000;
  return {
    asset: definition.asset,
    price,
    spot: wadToFloat(price.priceWad),
    forward: settlementMark(data, seconds),
    tau: seconds / SECONDS_PER_YEAR,
    data,
    confidenceScore: Math.min(price.confidenceScore, data.forwardConfidence, data.volatilityConfidence),
    legs: [] as OptionLeg[],
  };
}
