import { z } from '@hono/zod-openapi';
import type { CalibrationWatch, VolatilityForecast } from '../../models/forecast.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';
import { finite, finiteOrNull, iso, reasonDto, reasonSchema, timestamp } from './common.ts';

const HOURS_PER_YEAR = 8760;

const probability = z.number().min(0).max(1);

const horizonForecastSchema = z
  .object({
    horizonHours: z.int(),
    asOf: timestamp.openapi({ description: 'Decision time: close of the last bar used.' }),
    validUntil: timestamp,
    stale: z.boolean(),
    meanVariance: z
      .number()
      .openapi({ description: 'Mean of realised variance over the horizon, not annualised.' }),
    quantiles: z.array(
      z.object({
        p: probability,
        variance: z.number(),
        annualisedVolatility: z.number().openapi({ description: 'sqrt(variance x 8760 / horizonHours)' }),
      }),
    ),
    highVolatilityProbability: probability.nullable().openapi({
      description: 'P(24 h variance above its trailing 90 % quantile); null with too little history.',
    }),
    onsetProbability: probability.nullable().openapi({
      description: 'The same while the present is still calm; null while the regime is already high.',
    }),
    referenceVariance: z
      .number()
      .nullable()
      .openapi({ description: 'Trailing 365-day median at this horizon.' }),
    model: z.string(),
    modelVersion: z.string(),
    fallbackReason: z.string().nullable().openapi({
      description: 'Why better models do not serve, each by name; null when the best one does.',
    }),
    calibration: z.object({
      rows: z.int(),
      levelRatio: z.number(),
      coverage90: probability.nullable(),
      state: z.enum(['ok', 'drifting', 'unknown']).openapi({
        description: 'Whether the serving model fits the last 30 days at this horizon.',
      }),
      reasons: z.array(z.string()),
      hours: z.int().openapi({ description: 'Hours of the last 720 whose outcome is known.' }),
      coverage: z.array(z.object({ p: probability, share: probability })).openapi({
        description: 'Share of outcomes at or below the quantile p that was issued.',
      }),
      benchmark: z
        .object({ hours: z.int(), ratio: z.number(), t: z.number() })
        .nullable()
        .openapi({ description: 'Mean QLIKE over that of logHARX168, with its Diebold-Mariano t.' }),
      inputs: z
        .object({
          rows: z.int(),
          columns: z.int(),
          beyond: z.int(),
          worst: z.object({ column: z.string(), psi: z.number(), limit: z.number() }),
        })
        .nullable()
        .openapi({ description: 'Population stability of the inputs against the training years.' }),
    }),
    limitations: z
      .array(reasonSchema)
      .openapi({ description: 'Why it must not lower a margin; empty when it may.' }),
  })
  .openapi('HorizonForecast');

export const forecastSchema = z
  .object({
    asset: z.string(),
    asOf: timestamp,
    validUntil: timestamp,
    stale: z.boolean(),
    reasons: z.array(reasonSchema),
    modelVersion: z.string(),
    horizons: z.array(horizonForecastSchema),
  })
  .openapi('Forecast');
export type ForecastDto = z.infer<typeof forecastSchema>;

function horizonDto(forecast: VolatilityForecast, nowMs: number, validForMs: number) {
  const validUntilMs = forecast.asOfMs + validForMs;
  const perYear = HOURS_PER_YEAR / forecast.horizonHours;
  return {
    horizonHours: forecast.horizonHours as number,
    asOf: iso(forecast.asOfMs),
    validUntil: iso(validUntilMs),
    stale: nowMs > validUntilMs,
    meanVariance: finite(forecast.meanVariance, 'meanVariance'),
    quantiles: forecast.quantiles.map(({ p, variance }) => ({
      p: finite(p, 'p'),
      variance: finite(variance, 'variance'),
      annualisedVolatility: finite(Math.sqrt(variance * perYear), 'annualisedVolatility'),
    })),
    highVolatilityProbability: finiteOrNull(forecast.highVolatilityProbability, 'highVolatilityProbability'),
    onsetProbability: finiteOrNull(forecast.onsetProbability, 'onsetProbability'),
    referenceVariance: finiteOrNull(forecast.referenceVariance, 'referenceVariance'),
    model: forecast.model,
    modelVersion: forecast.modelVersion,
    fallbackReason: forecast.fallbackReason ?? null,
    calibration: {
      rows: forecast.calibration.rows,
      levelRatio: finite(forecast.calibration.levelRatio, 'levelRatio'),
      coverage90: finiteOrNull(forecast.calibration.coverage90, 'coverage90'),
      ...watchDto(forecast.calibration.watch),
    },
    limitations: forecast.limitations.map(reasonDto),
  };
}

/** Forecasts stored before they were watched say nothing. */
const UNWATCHED: CalibrationWatch = {
  state: 'unknown',
  reasons: ['this forecast was not watched'],
  hours: 0,
  coverage: [],
  benchmark: null,
  inputs: null,
};

function watchDto({ state, reasons, hours, coverage, benchmark, inputs }: CalibrationWatch = UNWATCHED) {
  return {
    state,
    reasons: [...reasons],
    hours,
    coverage: coverage.map(({ p, share }) => ({ p, share: finite(share, 'coverage') })),
    benchmark:
      benchmark === null
        ? null
        : { hours: benchmark.hours, ratio: finite(benchmark.ratio, 'ratio'), t: finite(benchmark.t, 't') },
    inputs: inputs === null ? null : { ...inputs, worst: { ...inputs.worst } },
  };
}

/** One asset at the chosen horizons (at least one); the oldest of them dates the answer. */
export function forecastDto(
  asset: string,
  forecasts: readonly [VolatilityForecast, ...VolatilityForecast[]],
  nowMs: number,
  validForMs: number,
): ForecastDto {
  const asOfMs = Math.min(...forecasts.map((forecast) => forecast.asOfMs));
  const stale = nowMs > asOfMs + validForMs;
  const ageHours = ((nowMs - asOfMs) / MS_PER_HOUR).toFixed(2);
  return {
    asset,
    asOf: iso(asOfMs),
    validUntil: iso(asOfMs + validForMs),
    stale,
    reasons: stale
      ? [{ code: 'forecast-expired', message: `the last forecast is ${ageHours} h old`, subject: asset }]
      : [],
    modelVersion: modelVersions(forecasts) ?? '',
    horizons: forecasts.map((forecast) => horizonDto(forecast, nowMs, validForMs)),
  };
}

/** The distinct `model@version` of some forecasts, in order, comma-separated; null when there are none. */
export function modelVersions(
  forecasts: readonly { readonly model: string; readonly modelVersion: string }[],
): string | null {
  const names = new Set(forecasts.map(({ model, modelVersion }) => `${model}@${modelVersion}`));
  return names.size === 0 ? null : [...names].sort().join(',');
}
