import { z } from 'zod';
import { assetTable } from '../asset-table.ts';

const rate = (text: string) => z.number().min(0).max(1).describe(`${text}, fraction (0.01 = 1 %)`);
const spread = rate('Half spread and fees paid to close, of the notional');
const impact = z
  .number()
  .min(0)
  .max(10)
  .describe('Square-root impact without an order book: rate = impact x sqrt(notional / depth)');
const depth = z
  .number()
  .positive()
  .describe('Quote that the market takes with that impact, without an order book');
const dailyVolume = z.number().positive().describe('Quote traded per day, where the venue says nothing');

const assetSchema = z.strictObject({
  spread: spread.optional(),
  impact: impact.optional(),
  depth: depth.optional(),
  dailyVolume: dailyVolume.optional(),
});

const STABLE = { spread: 0.0005, impact: 0.01, depth: 100_000_000, dailyVolume: 100_000_000 };

const schemaOf = (liquidityWeight: number) =>
  z
    .strictObject({
      liquidity: z
        .strictObject({
          weight: z
            .number()
            .min(0)
            .max(10)
            .default(liquidityWeight)
            .describe('Share of the cost to close; 0: no charge'),
          spread: spread.default(0.0005),
          impact: impact.default(0.1),
          depth: depth.default(20_000_000),
          largestRate: rate('Bound of the charge, of the notional').default(0.5),
        })
        .prefault({})
        .describe('Cost to close perps, futures, option deltas, collateral and loans'),
      concentration: z
        .strictObject({
          volumeShare: z.number().positive().max(100).default(0.1).describe('Free share of daily volume'),
          interestShare: z.number().positive().max(1).default(0.05).describe('Free share of open interest'),
          slope: rate('Charge for each further such share, of the notional; 0: no charge').default(0.02),
          largestRate: rate('Bound of the charge, of the notional').default(0.3),
          dailyVolume: dailyVolume.default(18_000_000),
        })
        .prefault({})
        .describe('Positions that are large for their market'),
      basis: z
        .strictObject({
          annualisedMove: rate('Move of a future against spot, per year to expiry').default(0.075),
          minimumMove: rate('Least such move; that of a perp with a mark of its own').default(0.01),
        })
        .prefault({})
        .describe('Futures and perps against the spot of the same asset'),
      maxDataAgeSeconds: z
        .number()
        .positive()
        .max(86_400)
        .default(3600)
        .describe('Age limit of depth, volume and open interest, seconds'),
      assets: assetTable(assetSchema, {
        USDC: STABLE,
        USDT: STABLE,
        DAI: { ...STABLE, depth: 20_000_000, dailyVolume: 18_000_000 },
        BTC: { depth: 200_000_000, dailyVolume: 1_850_000_000 },
        ETH: { depth: 100_000_000, dailyVolume: 1_050_000_000 },
        SOL: { depth: 50_000_000, dailyVolume: 550_000_000 },
      }),
    })
    .describe('Add-ons as lines of their own; docs/modules/add-ons.md');

/** Charges for closing a position that do not depend on scenarios. Sources: docs/modules/add-ons.md. */
export const addOnsSchema = schemaOf(1);
/** For a module that charges the cost to close in a rule of its own. */
export const addOnsBesideLiquiditySchema = schemaOf(0);

export type AddOnParameters = z.output<typeof addOnsSchema>;

/** Parameters of one asset after overrides. */
export function addOnAssetOf(p: AddOnParameters, asset: string) {
  const own = Object.hasOwn(p.assets, asset) ? p.assets[asset] : undefined;
  return {
    spread: own?.spread ?? p.liquidity.spread,
    impact: own?.impact ?? p.liquidity.impact,
    depth: own?.depth ?? p.liquidity.depth,
    dailyVolume: own?.dailyVolume ?? p.concentration.dailyVolume,
  };
}
