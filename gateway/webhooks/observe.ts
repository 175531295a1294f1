import type { Observation } from '../../jobs/tasks/watch-events.ts';
import type { ForecastsPort, PricesPort } from '../app/ports.ts';

/** A regime begins above the first probability of an onset and is over below the second. */
const ONSET_ABOVE = 0.5;
const CALM_BELOW = 0.3;

interface Watched {
  readonly prices: Pick<PricesPort, 'ids' | 'get'>;
  readonly forecasts: Pick<ForecastsPort, 'assets' | 'get'>;
}

/**
 * Feeds that are halted (their price may not be used for margin) and assets for which a regime of high volatility is
 * about to begin, as this process sees them. Between the two probabilities, and without one, an asset is left out: it
 * stays what it was.
 */
export function observeFeedsAndRegimes({ prices, forecasts }: Watched, atMs: number): readonly Observation[] {
  const feeds = prices.ids().map((feedId): Observation => {
    const { usable, reasons } = prices.get(feedId).verdicts.margin;
    const codes = reasons.map(({ code }) => code);
    return {
      kind: 'oracle',
      subject: feedId,
      state: usable ? 'running' : 'halted',
      atMs,
      effect: usable ? null : { topic: 'oracle.halted', payload: { atMs, feed: feedId, reasons: codes } },
    };
  });
  const regimes = forecasts.assets().flatMap((asset): Observation[] => {
    const known = forecasts.get(asset).flatMap((forecast) => {
      const { onsetProbability } = forecast;
      return onsetProbability === null ? [] : [{ ...forecast, onsetProbability }];
    });
    const [worst] = known.sort((a, b) => b.onsetProbability - a.onsetProbability);
    if (worst === undefined) return [];
    const { onsetProbability, horizonHours, asOfMs, model, modelVersion } = worst;
    if (onsetProbability > CALM_BELOW && onsetProbability < ONSET_ABOVE) return [];
    const onset = onsetProbability >= ONSET_ABOVE;
    const payload = {
      atMs,
      asset,
      horizonHours,
      onsetProbability,
      forecastAsOfMs: asOfMs,
      model,
      modelVersion,
    };
    return [
      {
        kind: 'regime',
        subject: asset,
        state: onset ? 'onset' : 'calm',
        atMs,
        effect: onset ? { topic: 'regime.onset', payload } : null,
      },
    ];
  });
  return [...feeds, ...regimes];
}
