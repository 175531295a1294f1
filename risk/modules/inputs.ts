import { advanceBuffer } from '../buffer/advance.ts';
import { type BufferParameters, bufferKey } from '../buffer/parameters.ts';
import { type BufferFactors, factorsAt } from '../buffer/schedule.ts';
import { bufferTarget } from '../buffer/target.ts';
import type { MarketPrice, MarketSnapshot } from '../market/market-data.ts';
import type { Reason } from '../market/verdict.ts';
import type { AnyMarket, BufferView, MarketDefinition } from './module.ts';

/** The market of a collateral asset: by id, else the first collateral market of the asset in id order. */
export function collateralMarket(
  markets: ReadonlyMap<string, AnyMarket>,
  asset: string,
): MarketDefinition | null {
  const direct = markets.get(asset);
  if (direct?.kind === 'collateral' && direct.asset === asset) return direct;
  let found: MarketDefinition | null = null;
  for (const market of markets.values()) {
    if (market.kind !== 'collateral' || market.asset !== asset) continue;
    if (found === null || market.id < found.id) found = market;
  }
  return found;
}

/** A price fit for margin, or why there is none. */
export function marginPrice(market: MarketSnapshot, feedId: string): MarketPrice | Reason {
  const price = market.prices.get(feedId);
  if (!price) return { code: 'price-missing', message: `no price for ${feedId}`, subject: feedId };
  if (price.priceWad <= 0n || !(price.confidenceScore >= 0 && price.confidenceScore <= 1)) {
    return {
      code: 'price-invalid',
      message: `the price of ${feedId} is not positive or has no confidence`,
      subject: feedId,
    };
  }
  const verdict = price.verdicts.margin;
  if (verdict.usable) return price;
  const why = verdict.reasons.map((reason) => reason.message).join('; ');
  return {
    code: 'price-refused',
    message: `${feedId} may not be used for margin${why ? `: ${why}` : ''}`,
    subject: feedId,
  };
}

export function unknownMarket(what: string): Reason {
  return { code: 'unknown-market', message: `${what} is not a listed market`, subject: what };
}

export function isPrice(value: MarketPrice | Reason): value is MarketPrice {
  return 'priceWad' in value;
}

/** Remarks on a price that is used: it may not open new risk, or its verdict carries warnings. */
export function priceRemarks(price: MarketPrice): Reason[] {
  const remarks: Reason[] = [];
  if (!price.verdicts.open.usable) {
    const why = price.verdicts.open.reasons.map((reason) => reason.message).join('; ');
    remarks.push({
      code: 'price-not-for-open',
      message: `${price.feedId} may not be used to open new risk${why ? `: ${why}` : ''}`,
      subject: price.feedId,
    });
  }
  for (const reason of price.verdicts.margin.reasons) {
    remarks.push(reason.subject === undefined ? { ...reason, subject: price.feedId } : reason);
  }
  return remarks;
}

/** A schedule that came back from storage damaged must not lower a margin or break the calculation: the cap stands in. */
function soundFactors(factors: BufferFactors, cap: number, asset: string): BufferFactors {
  const sound = (factor: number) => factor >= 1 && factor <= Number.MAX_SAFE_INTEGER;
  if (sound(factors.initialFactor) && sound(factors.maintenanceFactor)) return factors;
  const reason = {
    code: 'buffer-invalid',
    message: `the stored ${asset} buffer is not sound`,
    subject: asset,
  };
  return {
    initialFactor: cap,
    maintenanceFactor: cap,
    maintenanceTarget: cap,
    effectiveFromMs: null,
    reasons: [...factors.reasons, reason],
  };
}

/**
 * The buffer of an asset at the snapshot's time: from its stored schedule, or, when there is none, as a schedule
 * begun now from the forecast. A schedule made with other parameters is not used and the answer says so: the
 * forecast then speaks at once, without notice.
 */
export function bufferView(market: MarketSnapshot, asset: string, p: BufferParameters): BufferView {
  const stored = market.buffers?.get(asset) ?? null;
  const fits = stored !== null && stored.key === bufferKey(asset, p);
  const schedule = fits
    ? stored
    : advanceBuffer(
        null,
        bufferTarget(asset, market.volatility.get(asset)?.get(p.horizonHours), p, market.asOfMs),
        market.asOfMs,
        p,
      );
  const now = soundFactors(factorsAt(schedule, market.asOfMs), p.cap, asset);
  const differs: Reason[] =
    stored !== null && !fits
      ? [
          {
            code: 'buffer-parameters-differ',
            message: `the stored ${asset} buffer has other parameters`,
            subject: asset,
          },
        ]
      : [];
  return {
    asset,
    horizonHours: p.horizonHours,
    initialFactor: now.initialFactor,
    maintenanceFactor: now.maintenanceFactor,
    sigmaQuantile: schedule.sigmaQuantile,
    sigmaReference: schedule.sigmaReference,
    model: schedule.model,
    reasons: [...now.reasons, ...differs],
    policy: p.policy,
    maintenanceTarget: now.maintenanceTarget,
    effectiveFromMs: now.effectiveFromMs,
  };
}
