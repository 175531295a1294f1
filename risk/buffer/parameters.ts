import { z } from 'zod';

/** Names of EMIR RTS 153/2013 Art. 28(1)(a) to (c); `none` is the plain forecast ratio. */
export const BUFFER_POLICIES = ['none', 'buffer25', 'stress25', 'floor'] as const;
export type BufferPolicy = (typeof BUFFER_POLICIES)[number];

export const bufferSchema = z.strictObject({
  policy: z
    .enum(BUFFER_POLICIES)
    .default('buffer25')
    .describe('Anti-procyclical policy: buffer25 = max(1.25, f), stress25, floor, or none'),
  quantile: z
    .number()
    .min(0.5)
    .max(0.99)
    .default(0.95)
    .describe('Quantile of the forecast realised volatility that drives the buffer, 0.5 to 0.99'),
  cap: z.number().min(1).max(10).default(3).describe('Largest factor; 1 switches the buffer off'),
  horizonHours: z
    .union([z.literal(1), z.literal(4), z.literal(24)])
    .default(24)
    .describe('Horizon of the forecast, hours: the time over which a position is closed'),
  noticeHours: z
    .number()
    .min(0)
    .max(168)
    .default(24)
    .describe('Hours from the announcement of a rise until maintenance carries all of it'),
  riseHalfLifeHours: z
    .number()
    .positive()
    .max(168)
    .default(12)
    .describe('Half-life of the gap to the announced maintenance factor within the notice period, hours'),
  fallHalfLifeHours: z
    .number()
    .positive()
    .max(2160)
    .default(72)
    .describe('Half-life with which both factors fall towards a lower target, hours'),
  maxForecastAgeHours: z
    .number()
    .positive()
    .max(48)
    .default(3)
    .describe('A forecast older than this never lowers a margin, hours'),
  stressFactor: z
    .number()
    .min(1)
    .max(10)
    .default(3)
    .describe('stress25: volatility of the stressed period as a multiple of the reference volatility'),
  longRunVolatility: z
    .number()
    .min(0)
    .max(10)
    .default(0.8)
    .describe('floor: long-run volatility below which the forecast is not believed, annualised (0.8 = 80 %)'),
});

/** Validated buffer parameters of one asset. */
export type BufferParameters = z.output<typeof bufferSchema>;

/**
 * Names a set of buffer parameters for one asset. Schedules are stored under it: accounts whose protocols chose
 * other parameters have other schedules.
 */
export function bufferKey(asset: string, p: BufferParameters): string {
  const extra =
    p.policy === 'stress25' ? `:s${p.stressFactor}` : p.policy === 'floor' ? `:v${p.longRunVolatility}` : '';
  return [
    asset,
    `${p.horizonHours}h`,
    `${p.policy}${extra}`,
    `q${p.quantile}`,
    `c${p.cap}`,
    `n${p.noticeHours}`,
    `r${p.riseHalfLifeHours}`,
    `f${p.fallHalfLifeHours}`,
    `a${p.maxForecastAgeHours}`,
  ].join('/');
}
