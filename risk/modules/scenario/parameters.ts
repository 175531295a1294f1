import { z } from 'zod';

const VOL_SHOCKS = ['up', 'none', 'down', 'linear-skew', 'absolute-skew'] as const;
export type VolShock = (typeof VOL_SHOCKS)[number];

const share = (text: string, value: number) => z.number().min(0).max(1000).default(value).describe(text);

export const scenarioPointSchema = z.strictObject({
  spot: z.number().positive().max(100).describe('Spot multiplier, 1.1 = up 10 %'),
  volatility: z.enum(VOL_SHOCKS).describe('Shock of volatilities'),
  dampening: z.number().min(0).max(100).default(1).describe('Share of the loss that counts (far scenarios)'),
});
export type ScenarioPoint = z.output<typeof scenarioPointSchema>;

const GRID: readonly ScenarioPoint[] = [1.15, 1.1, 1.05, 1, 0.95, 0.9, 0.85].flatMap((spot) =>
  (['up', 'none', 'down'] as const).map((volatility) => ({ spot, volatility, dampening: 1 })),
);
const TAILS: readonly ScenarioPoint[] = [
  { spot: 0.34, volatility: 'up', dampening: 1 / 5.5 },
  { spot: 0.67, volatility: 'up', dampening: 1 / 2.75 },
  { spot: 1.5, volatility: 'up', dampening: 0.24 },
  { spot: 2, volatility: 'up', dampening: 0.12 },
];
const SKEWS: readonly ScenarioPoint[] = [
  { spot: 1, volatility: 'linear-skew', dampening: 1 },
  { spot: 1, volatility: 'absolute-skew', dampening: 1 },
];

export const volShockSchema = z.strictObject({
  up: share('Relative rise of a 30-day volatility', 0.5),
  minimumUp: share('Least volatility after a rise, annualised', 0.45),
  down: share('Relative fall of a 30-day volatility', 0.275),
  shortTermPower: share('Power of 30d/T up to 30 days', 0.3),
  longTermPower: share('Power of 30d/T beyond 30 days', 0.13),
  floorDays: z.number().positive().max(36_500).default(1).describe('Least T of the shock, days'),
});
export type VolShockParameters = z.output<typeof volShockSchema>;

export const skewSchema = z.strictObject({
  linearCap: z.number().default(0.15).describe('Cap of the linear skew'),
  linearCapSlope: z.number().default(-0.05).describe('Change of that cap per root year'),
  absoluteCap: z.number().default(0.15).describe('Cap of the absolute skew'),
  absoluteCapSlope: z.number().default(-0.05).describe('Change of that cap per root year'),
  minimumWidth: z
    .number()
    .positive()
    .default(0.01)
    .describe('Least log-moneyness at which the cap is reached'),
  widthScale: z.number().min(0).default(4).describe('Width in standard deviations'),
  widthVolatility: z.number().default(0.6).describe('Volatility of the width'),
  widthVolatilitySlope: z.number().default(-0.1).describe('Change of that volatility per root year'),
});
export type SkewParameters = z.output<typeof skewSchema>;

/** Numbers of version 2 (per underlying). Defaults: Derive's PMRM_2 configuration of its published portfolios. */
export const scenarioV2Schema = z.strictObject({
  scenarios: z
    .array(scenarioPointSchema)
    .min(1)
    .max(200)
    .default([...GRID, ...TAILS, ...SKEWS]),
  volShock: volShockSchema.prefault({}),
  skew: skewSchema.prefault({}),
  margin: z
    .strictObject({
      maintenanceLossFactor: share('Share of the worst loss in maintenance', 0.8),
      initialLossFactor: share('Share of the worst loss in initial', 1),
      shortRateMultiple: share('Multiple of the rate in the discount of negative values', 0.5),
      longRateMultiple: share('Multiple of the rate in the discount of positive values', 1),
      shortRateAdd: share('Addition to the rate for negative values, per year', 0.08),
      longRateAdd: share('Addition to the rate for positive values, per year', 0.08),
      staticDiscountLong: share('Static discount of positive values', 0.95),
      staticDiscountShort: share('Static scale of negative values', 1.04),
    })
    .prefault({}),
  forwardLoss: z
    .strictObject({
      spotUp: z.number().positive().default(1.05).describe('Spot multiplier of the rise'),
      spotDown: z.number().positive().default(0.95).describe('Spot multiplier of the fall'),
      add: share('Share of the loss per expiry', 0.25),
      multiple: share('Additional share per year', 0.01),
    })
    .prefault({}),
  peg: z
    .strictObject({
      threshold: z
        .number()
        .min(0)
        .max(1000)
        .default(0.98)
        .describe('Stablecoin price where the charge starts'),
      factor: share('Increase of the initial loss factor per unit of depeg', 2),
    })
    .prefault({}),
  confidence: z
    .strictObject({
      threshold: z.number().min(0).max(1).default(0.55).describe('Score below which the charge starts'),
      factor: share('Charge = (1 - score) x factor x notional', 1),
    })
    .prefault({}),
  contingency: z
    .strictObject({
      maintenancePerp: share('Share of perp notional, maintenance', 0.015),
      initialPerp: share('Addition of initial', 0.005),
      maintenanceOption: share('Share of spot per naked short option, maintenance', 0.003),
      initialOption: share('Addition of initial', 0.002),
    })
    .prefault({}),
});
export type ScenarioV2Parameters = z.output<typeof scenarioV2Schema>;

/** Numbers of version 1 (per underlying). Defaults: Derive's PMRM configuration of its published portfolios. */
export const scenarioV1Schema = z.strictObject({
  scenarios: z
    .array(scenarioPointSchema)
    .min(1)
    .max(200)
    .default([...GRID]),
  volShock: volShockSchema.prefault({ up: 0.45, down: 0.3, minimumUp: 0 }),
  forwardLoss: scenarioV2Schema.shape.forwardLoss,
  peg: scenarioV2Schema.shape.peg,
  confidence: scenarioV2Schema.shape.confidence.unwrap().prefault({ threshold: 0.6, factor: 0.5 }),
  initialLossFactor: share('Share of loss and static charges in initial', 1.3),
  staticDiscount: share('Static discount of positive option values', 0.95),
  rateMultiple: share('Multiple of the rate in that discount', 4),
  rateAdd: share('Addition to the rate in that discount', 0.05),
  basePercent: share('Static charge on base collateral', 0.02),
  perpPercent: share('Static charge on perp notional', 0.02),
  optionPercent: share('Static charge on spot per naked short option', 0.01),
});
export type ScenarioV1Parameters = z.output<typeof scenarioV1Schema>;
