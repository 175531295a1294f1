import { z } from 'zod';
import { addOnsBesideLiquiditySchema } from '../addons/parameters.ts';
import { assetTable } from '../asset-table.ts';
import { depegSchema } from '../depeg.ts';
import { fundingSchema } from '../funding/parameters.ts';

const ratio = (text: string) => z.number().min(0).max(1).describe(`${text}, fraction (0.05 = 5 %)`);
const liquidationHours = z
  .number()
  .positive()
  .max(720)
  .describe('Time to close the asset, hours; returns are scaled by its root');
const haircut = ratio('Share of collateral value that gives no credit, beside its simulated losses');
const spread = ratio('Half spread and fees paid to close, of the notional');
const impact = z
  .number()
  .min(0)
  .max(10)
  .describe('Square-root impact: rate = impact x sqrt(notional / depth)');
const depth = z.number().positive().describe('Quote that the market takes in a day with ordinary impact');

const assetSchema = z.strictObject({
  liquidationHours: liquidationHours.optional(),
  haircut: haircut.optional(),
  spread: spread.optional(),
  impact: impact.optional(),
  depth: depth.optional(),
  constant: z
    .boolean()
    .optional()
    .describe('No price risk is simulated (stablecoins): the haircut stands for it'),
});

const STABLE = { constant: true, haircut: 0.02, spread: 0.0005, impact: 0 };

export const tailSchema = z
  .strictObject({
    initialTail: z.number().min(0.0001).max(0.2).default(0.01).describe('Tail probability of initial margin'),
    maintenanceTail: z
      .number()
      .min(0.0001)
      .max(0.2)
      .default(0.025)
      .describe('Tail probability of maintenance margin'),
    stressWeight: ratio('Weight of the stressed expected shortfall').default(0.25),
    horizonHours: z
      .union([z.literal(1), z.literal(4), z.literal(24)])
      .default(24)
      .describe('Horizon of history and forecast, hours'),
    quantile: z
      .number()
      .min(0.5)
      .max(0.99)
      .default(0.75)
      .describe('Forecast quantile that is the volatility of today'),
    minimumRows: z.int().min(50).max(100_000).default(250).describe('Least length of the history, rows'),
    maxHistoryAgeHours: z
      .number()
      .positive()
      .max(720)
      .default(48)
      .describe('Age limit of the history, hours'),
    maxForecastAgeHours: z
      .number()
      .positive()
      .max(48)
      .default(3)
      .describe('Age limit of the forecast, hours'),
    maxDataAgeSeconds: z
      .number()
      .positive()
      .max(86_400)
      .default(300)
      .describe('Age limit of forwards and smiles, seconds'),
    liquidationHours: liquidationHours.default(24),
    haircut: haircut.default(0.02),
    spread: spread.default(0.002),
    impact: impact.default(0.1),
    depth: depth.default(20_000_000),
    oracleContingency: z
      .strictObject({
        threshold: ratio('Confidence score below which the charge starts').default(0.4),
        factor: z.number().min(0).max(10).default(0.4).describe('Charge = (1 - score) x factor x notional'),
      })
      .prefault({}),
    warningRatio: ratio(
      'Warned when net initial margin is below this share of the initial requirement',
    ).default(0.1),
    assets: assetTable(assetSchema, {
      USDC: STABLE,
      USDT: STABLE,
      DAI: STABLE,
      BTC: { depth: 200_000_000 },
      ETH: { depth: 100_000_000 },
    }),
  })
  .refine((p) => p.initialTail <= p.maintenanceTail, {
    path: ['initialTail'],
    message: 'must not be above the maintenance tail',
  });

/** Version 1.1.0: with concentration, basis and depeg charges; the cost to close has its own rule here. */
export const tailWithAddOnsSchema = tailSchema.safeExtend({
  addOns: addOnsBesideLiquiditySchema.prefault({}),
  depeg: depegSchema,
});
export type TailWithAddOns = z.output<typeof tailWithAddOnsSchema>;

/** Version 1.2.0: with funding. */
export const tailWithFundingSchema = tailWithAddOnsSchema.safeExtend({ funding: fundingSchema });
export type TailWithFunding = z.output<typeof tailWithFundingSchema>;

/** Validated parameters of `tail` 1.0.0. */
export type TailParameters = z.output<typeof tailSchema>;

/** Parameters of one asset after overrides. */
export function tailAssetOf(p: TailParameters, asset: string) {
  const own = Object.hasOwn(p.assets, asset) ? p.assets[asset] : undefined;
  return {
    liquidationHours: own?.liquidationHours ?? p.liquidationHours,
    haircut: own?.haircut ?? p.haircut,
    spread: own?.spread ?? p.spread,
    impact: own?.impact ?? p.impact,
    depth: own?.depth ?? p.depth,
    constant: own?.constant ?? false,
  };
}
