import { z } from 'zod';
import { assetTable } from '../asset-table.ts';

const ratio = (text: string) => z.number().min(0).max(1).describe(`${text}, fraction (0.05 = 5 %)`);

const assetSchema = z.strictObject({
  initial: ratio('Initial margin of a perp, of the notional').optional(),
  maintenance: ratio('Maintenance margin of a perp, of the notional').optional(),
  loanToValue: ratio('Share of collateral value that may be borrowed or used for initial margin').optional(),
  liquidationThreshold: ratio('Share of collateral value at which a loan is liquidated').optional(),
});

export const fixedSchema = z
  .strictObject({
    initial: ratio('Initial margin of a perp, of the notional').default(0.1),
    maintenance: ratio('Maintenance margin of a perp, of the notional').default(0.05),
    loanToValue: ratio('Share of collateral value that may be borrowed or used for initial margin').default(
      0.7,
    ),
    liquidationThreshold: ratio('Share of collateral value at which a loan is liquidated').default(0.75),
    warningRatio: ratio(
      'Warned when net initial margin is below this share of the initial requirement',
    ).default(0.1),
    liquidationCostRate: ratio('Cost of closing perps, of the notional; decides `insolvent` only').default(
      0.01,
    ),
    assets: assetTable(assetSchema, { USDC: { loanToValue: 0.95, liquidationThreshold: 0.97 } }),
  })
  .superRefine((p, context) => {
    for (const asset of [null, ...Object.keys(p.assets)]) {
      const own = fixedRatesOf(p, asset);
      const path = asset === null ? [] : ['assets', asset];
      if (own.initial < own.maintenance) {
        context.addIssue({
          code: 'custom',
          path: [...path, 'initial'],
          message: 'must not be below maintenance',
        });
      }
      if (own.loanToValue > own.liquidationThreshold) {
        const message = 'must not be above the liquidation threshold';
        context.addIssue({ code: 'custom', path: [...path, 'loanToValue'], message });
      }
      if (p.liquidationCostRate > own.maintenance) {
        const message = 'must not exceed any maintenance rate';
        context.addIssue({ code: 'custom', path: ['liquidationCostRate'], message });
      }
    }
  });

type Ratios = 'initial' | 'maintenance' | 'loanToValue' | 'liquidationThreshold';
type Shape = Readonly<Record<Ratios, number>> & {
  readonly assets: Readonly<Record<string, z.output<typeof assetSchema>>>;
};

/** Validated parameters of `fixed` 1.0.0. */
export type FixedParameters = z.output<typeof fixedSchema>;

/** Ratios of one asset after overrides. */
export function fixedRatesOf(p: Shape, asset: string | null): Readonly<Record<Ratios, number>> {
  const own = asset !== null && Object.hasOwn(p.assets, asset) ? p.assets[asset] : undefined;
  return {
    initial: own?.initial ?? p.initial,
    maintenance: own?.maintenance ?? p.maintenance,
    loanToValue: own?.loanToValue ?? p.loanToValue,
    liquidationThreshold: own?.liquidationThreshold ?? p.liquidationThreshold,
  };
}
