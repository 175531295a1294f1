import { z } from 'zod';
import { type BufferParameters, bufferSchema } from '../../buffer/parameters.ts';
import { assetTable } from '../asset-table.ts';
import { fundingSchema } from '../funding/parameters.ts';
import { extraFields } from './extras.ts';
import { scenarioV1Schema, scenarioV2Schema } from './parameters.ts';

const ratio = (text: string) => z.number().min(0).max(1).describe(`${text}, fraction (0.05 = 5 %)`);
const maintenanceHaircut = ratio('Share of collateral value that gives no maintenance credit');
const initialHaircut = ratio('Share on top of that which gives no initial credit');

const assetSchema = z.strictObject({
  maintenanceHaircut: maintenanceHaircut.optional(),
  initialHaircut: initialHaircut.optional(),
  riskCancels: z
    .string()
    .nullable()
    .optional()
    .describe('Asset that this collateral moves with (itself unless given; WSTETH: ETH); null: none'),
  buffered: z.boolean().optional().describe('Whether the predictive buffer scales the shocks of this asset'),
  stressFactor: bufferSchema.shape.stressFactor.unwrap().optional(),
  longRunVolatility: bufferSchema.shape.longRunVolatility.unwrap().optional(),
});

const STABLE = { maintenanceHaircut: 0.01, initialHaircut: 0.01, riskCancels: null, buffered: false };

const common = {
  maintenanceHaircut: maintenanceHaircut.default(0.1),
  initialHaircut: initialHaircut.default(0.05),
  stableFeedId: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('Feed of the settlement stablecoin; null: price 1'),
  maxDataAgeSeconds: z
    .number()
    .positive()
    .max(86_400)
    .default(300)
    .describe('Age limit of forwards and smiles, seconds'),
  buffer: bufferSchema
    .prefault({})
    .describe('Predictive buffer on price and volatility ranges; see docs/risk.md'),
  buffered: z.boolean().default(true).describe('Whether the buffer applies where an asset says nothing'),
  warningRatio: ratio(
    'Warned when net initial margin is below this share of the initial requirement',
  ).default(0.1),
  liquidationCostRate: ratio('Cost of closing perps, of the notional; decides `insolvent` only').default(
    0.005,
  ),
  assets: assetTable(assetSchema, {
    USDC: STABLE,
    USDT: { ...STABLE, maintenanceHaircut: 0.02 },
    DAI: { ...STABLE, maintenanceHaircut: 0.02 },
    ETH: { longRunVolatility: 1 },
    SOL: { longRunVolatility: 1.4 },
  }),
};

export const scenarioModuleV1Schema = z.strictObject({ ...common, grid: scenarioV1Schema.prefault({}) });
export const scenarioModuleV2Schema = z.strictObject({ ...common, grid: scenarioV2Schema.prefault({}) });

export const scenarioModuleV21Schema = z.strictObject({
  ...common,
  grid: scenarioV2Schema.prefault({}),
  ...extraFields,
});

export type ScenarioModuleV1Parameters = z.output<typeof scenarioModuleV1Schema>;
export type ScenarioModuleV2Parameters = z.output<typeof scenarioModuleV2Schema>;

export const scenarioModuleV22Schema = scenarioModuleV21Schema.extend({ funding: fundingSchema });

export type ScenarioModuleV22Parameters = z.output<typeof scenarioModuleV22Schema>;

export type ScenarioModuleV21Parameters = z.output<typeof scenarioModuleV21Schema>;

/** What all versions share; the grid is turned into terms by the version. */
export type ScenarioCommon = Omit<ScenarioModuleV2Parameters, 'grid'>;

export function ownOf(p: ScenarioCommon, asset: string) {
  return Object.hasOwn(p.assets, asset) ? p.assets[asset] : undefined;
}

/** Asset whose grid a collateral joins; its own unless the parameters say otherwise. */
export function cancelledBy(p: ScenarioCommon, asset: string): string | null {
  const own = ownOf(p, asset)?.riskCancels;
  return own === undefined ? asset : own;
}

/** Buffer parameters of one asset, null where it is not buffered. */
export function scenarioBufferOf(p: ScenarioCommon, asset: string): BufferParameters | null {
  const own = ownOf(p, asset);
  if (!(own?.buffered ?? p.buffered)) return null;
  return {
    ...p.buffer,
    stressFactor: own?.stressFactor ?? p.buffer.stressFactor,
    longRunVolatility: own?.longRunVolatility ?? p.buffer.longRunVolatility,
  };
}
