import { z } from '@hono/zod-openapi';
import type { IssuedForecast } from '../../db/queries/issued-forecasts.ts';
import { finite, finiteOrNull, iso, orNull, timestamp } from './common.ts';
import { forecastSchema } from './forecast.ts';

/** The horizon of issued forecasts, which the curve of the past shows. */
export const ISSUED_HORIZON_HOURS = 24;
const HOURS_PER_YEAR = 8760;
const HOURS_MESSAGE = 'must be hours from 1 to 168';

export const forecastListQuery = z.strictObject({
  issuedHours: z
    .string()
    .regex(/^([1-9]\d?|1[0-5]\d|16[0-8])$/, HOURS_MESSAGE)
    .optional()
    .openapi({
      type: 'integer',
      minimum: 1,
      maximum: 168,
      example: 24,
      description: 'Hours of market time: also what was issued in them. Default: only the newest.',
    }),
});

const issuedSchema = z
  .object({
    asOf: timestamp,
    medianVolatility: z
      .number()
      .nullable()
      .openapi({ description: 'Annualised median over the next 24 h; null without one.' }),
    highVolatilityProbability: z.number().nullable(),
    onsetProbability: z.number().nullable(),
  })
  .openapi('IssuedForecast');

export const forecastListSchema = z
  .object({
    asOf: timestamp,
    forecasts: z
      .array(forecastSchema)
      .openapi({ description: 'The newest of every asset that has one, by asset.' }),
    issued: orNull(
      z.array(z.object({ asset: z.string(), forecasts: z.array(issuedSchema) }).openapi('IssuedForecasts')),
      'Of 24 h, oldest first, one per decision time; null without `issuedHours`, and where none are kept.',
    ),
  })
  .openapi('ForecastList');

function issuedDto({
  asOfMs,
  quantiles,
  highVolatilityProbability,
  onsetProbability,
}: IssuedForecast): z.infer<typeof issuedSchema> {
  const variance = quantiles.find(({ p }) => Math.abs(p - 0.5) < 1e-9)?.variance;
  return {
    asOf: iso(asOfMs),
    medianVolatility:
      variance === undefined
        ? null
        : finite(Math.sqrt((variance * HOURS_PER_YEAR) / ISSUED_HORIZON_HOURS), 'medianVolatility'),
    highVolatilityProbability: finiteOrNull(highVolatilityProbability, 'highVolatilityProbability'),
    onsetProbability: finiteOrNull(onsetProbability, 'onsetProbability'),
  };
}

/** `rows` by asset, oldest first. */
export function issuedDtos(rows: readonly IssuedForecast[]) {
  const assets = [...new Set(rows.map(({ asset }) => asset))];
  return assets.map((asset) => ({
    asset,
    forecasts: rows.filter((row) => row.asset === asset).map(issuedDto),
  }));
}
