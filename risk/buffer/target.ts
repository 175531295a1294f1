import type { VolatilityView } from '../market/market-data.ts';
import type { Reason } from '../market/verdict.ts';
import { inverseNormal } from '../statistics/normal.ts';
import { MS_PER_HOUR, type UnixMs } from '../units/time.ts';
import type { BufferParameters } from './parameters.ts';

/** What one forecast asks of the buffer; input of `advanceBuffer`. JSON-serialisable. */
export interface BufferTarget {
  readonly asset: string;
  /** Wanted factor in [1, cap]; null when there is no forecast to go by. */
  readonly factor: number | null;
  /** False: the factor may raise a margin but never lower one. */
  readonly mayLower: boolean;
  /** Forecast quantile and reference of volatility over the horizon (not annualised), when known. */
  readonly sigmaQuantile: number | null;
  readonly sigmaReference: number | null;
  /** Decision time of the forecast; null when there is none. */
  readonly forecastAsOfMs: UnixMs | null;
  readonly model: string;
  readonly modelVersion: string;
  readonly reasons: readonly Reason[];
}

/**
 * Variance at probability `p`: log-linear in the normal score between the forecast's quantiles; null outside them.
 */
export function varianceAt(view: VolatilityView, p: number): number | null {
  const points = view.varianceQuantiles;
  for (let i = 0; i < points.length; i++) {
    const upper = points[i]!;
    if (!(upper.variance > 0 && upper.p > 0 && upper.p < 1) || !Number.isFinite(upper.variance)) return null;
    if (upper.p === p) return upper.variance;
    const lower = points[i - 1];
    if (lower === undefined || !(lower.p < p && p < upper.p)) continue;
    const zLower = inverseNormal(lower.p);
    const share = (inverseNormal(p) - zLower) / (inverseNormal(upper.p) - zLower);
    return Math.exp(Math.log(lower.variance) * (1 - share) + Math.log(upper.variance) * share);
  }
  return null;
}

/**
 * f = clamp(sigma_q / sigma_ref, 1, cap) under the named policy (specification: predictive buffer). `stress25`
 * gives the stressed volatility a weight of a quarter; `floor` lifts sigma_q to the long-run volatility.
 */
export function policyFactor(sigmaQuantile: number, sigmaReference: number, p: BufferParameters): number {
  const floorSigma = p.longRunVolatility * Math.sqrt(p.horizonHours / 8760);
  const sigma = p.policy === 'floor' ? Math.max(sigmaQuantile, floorSigma) : sigmaQuantile;
  const plain = sigma / sigmaReference;
  const weighted = p.policy === 'stress25' ? 0.75 * plain + 0.25 * p.stressFactor : plain;
  const lowest = p.policy === 'buffer25' ? Math.min(1.25, p.cap) : 1;
  return Math.min(Math.max(weighted, lowest), p.cap);
}

/**
 * Turns a forecast (or its absence) into what the buffer should aim at. A missing, stale, limited or future
 * forecast is told by its reasons and may not lower a margin.
 */
export function bufferTarget(
  asset: string,
  view: VolatilityView | null | undefined,
  p: BufferParameters,
  nowMs: UnixMs,
): BufferTarget {
  if (!view) {
    return refused(
      asset,
      null,
      'forecast-missing',
      `no ${p.horizonHours} h volatility forecast for ${asset}`,
    );
  }
  if (view.asOfMs > nowMs) {
    return refused(asset, view, 'forecast-from-future', `the ${asset} forecast is dated after now`);
  }
  const ageHours = (nowMs - view.asOfMs) / MS_PER_HOUR;
  if (ageHours > p.maxForecastAgeHours) {
    const text = `the ${asset} forecast is ${ageHours.toFixed(1)} h old, allowed ${p.maxForecastAgeHours} h`;
    return refused(asset, view, 'forecast-stale', text);
  }
  const variance = varianceAt(view, p.quantile);
  if (variance === null) {
    const text = `the ${asset} forecast does not give the ${p.quantile} quantile`;
    return refused(asset, view, 'forecast-invalid', text);
  }
  const reference = view.referenceVariance;
  if (reference === null || !(reference > 0) || !Number.isFinite(reference)) {
    return refused(asset, view, 'reference-missing', `no trailing reference volatility for ${asset}`);
  }
  const sigmaQuantile = Math.sqrt(variance);
  const sigmaReference = Math.sqrt(reference);
  return {
    asset,
    factor: policyFactor(sigmaQuantile, sigmaReference, p),
    mayLower: view.limitations.length === 0,
    sigmaQuantile,
    sigmaReference,
    forecastAsOfMs: view.asOfMs,
    model: view.model,
    modelVersion: view.modelVersion,
    reasons: view.limitations,
  };
}

function refused(asset: string, view: VolatilityView | null, code: string, message: string): BufferTarget {
  return {
    asset,
    factor: null,
    mayLower: false,
    sigmaQuantile: null,
    sigmaReference: null,
    forecastAsOfMs: view?.asOfMs ?? null,
    model: view?.model ?? 'none',
    modelVersion: view?.modelVersion ?? '',
    reasons: [{ code, message, subject: asset }, ...(view?.limitations ?? [])],
  };
}
