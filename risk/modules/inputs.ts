import { advanceBuffer } from '../buffer/advance.ts';
import { type BufferParameters, bufferKey } from '../buffer/parameters.ts';
import { type BufferFactors, type BufferSchedule, factorsAt } from '../buffer/schedule.ts';
import { bufferTarget } from '../buffer/target.ts';
import type { MarketPrice, MarketSnapshot, VolatilityView } from '../market/market-data.ts';
import type { Reason } from '../market/verdict.ts';
import type { UnixMs } from '../units/time.ts';
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

const isSound = (factor: number) => factor >= 1 && factor <= Number.MAX_SAFE_INTEGER;

/** A schedule that came back from storage damaged must not lower a margin or break the calculation: the cap stands in. */
function soundFactors(factors: BufferFactors, cap: number, asset: string): BufferFactors {
  if (isSound(factors.initialFactor) && isSound(factors.maintenanceFactor)) return factors;
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

interface LastView {
  readonly asOfMs: UnixMs;
  readonly forecast: VolatilityView | undefined;
  readonly p: BufferParameters;
  readonly view: BufferView;
}

/**
 * The last view by its schedule, or by its forecast where there is no schedule. Neither these nor parameters are ever
 * changed in place, and the margins of a sweep, or of one busy millisecond, share them.
 */
const lastViews = new WeakMap<BufferSchedule | VolatilityView, LastView>();

/**
 * The buffer of an asset at the snapshot's time: from its stored schedule, or, when there is none, as a schedule
 * begun now from the forecast. A schedule made with other parameters is not used and the answer says so: the
 * forecast then speaks at once, without notice.
 */
export function bufferView(market: MarketSnapshot, asset: string, p: BufferParameters): BufferView {
  const { asOfMs } = market;
  const stored = market.buffers?.get(asset) ?? null;
  const forecast = market.volatility.get(asset)?.get(p.horizonHours);
  const from = stored ?? forecast;
  if (from === undefined) return viewAt(asset, p, asOfMs, null, undefined);
  const last = lastViews.get(from);
  if (
    last !== undefined &&
    last.asOfMs === asOfMs &&
    last.forecast === forecast &&
    last.p === p &&
    last.view.asset === asset
  ) {
    return last.view;
  }
  const view = viewAt(asset, p, asOfMs, stored, forecast);
  lastViews.set(from, { asOfMs, forecast, p, view });
  return view;
}

function viewAt(
  asset: string,
  p: BufferParameters,
  asOfMs: UnixMs,
  stored: BufferSchedule | null,
  forecast: VolatilityView | undefined,
): BufferView {
  const fits = stored !== null && stored.key === bufferKey(asset, p);
  const schedule = fits ? stored : advanceBuffer(null, bufferTarget(asset, forecast, p, asOfMs), asOfMs, p);
  const now = soundFactors(factorsAt(schedule, asOfMs), p.cap, asset);
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
