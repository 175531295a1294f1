import { z } from 'zod';
import { type AddOnParameters, addOnsSchema } from '../addons/parameters.ts';
import type { FundingParameters } from '../funding/parameters.ts';

/** Assets that tend to move together, and the share of their offset that counts. */
const classSchema = z.strictObject({
  name: z.string().min(1).max(32).describe('Name of the class in the answer'),
  assets: z
    .array(z.string().regex(/^[A-Za-z0-9.]{1,16}$/, 'must be an asset symbol'))
    .min(2)
    .max(64)
    .describe('Assets whose grids move together'),
  credit: z
    .number()
    .min(0)
    .max(1)
    .describe('Share of the offset that counts: at least (1 - credit) of the losses apart is required'),
});
export type OffsetClass = z.output<typeof classSchema>;

export const offsetSchema = z
  .strictObject({
    classes: z
      .array(classSchema)
      .max(32)
      .default([{ name: 'majors', assets: ['BTC', 'ETH', 'SOL'], credit: 0.3 }])
      .describe('Classes of correlated assets; an asset is in one at most'),
  })
  .superRefine(({ classes }, context) => {
    const seen = new Set<string>();
    classes.forEach(({ assets }, i) => {
      assets.forEach((asset, k) => {
        if (seen.has(asset))
          context.addIssue({ code: 'custom', path: ['classes', i, 'assets', k], message: 'is named twice' });
        seen.add(asset);
      });
    });
  })
  .describe('Offset between underlyings; docs/modules/scenario.md');

/** What versions from 2.1.0 add to the grid. */
export interface ScenarioExtras {
  readonly addOns: AddOnParameters | null;
  readonly classes: readonly OffsetClass[];
  /** From 2.2.0, which reads funding and settlement prices of venues; null: neither is read. */
  readonly funding: FundingParameters | null;
}

/** Versions up to 2.0.0. */
export const NO_EXTRAS: ScenarioExtras = { addOns: null, classes: [], funding: null };

export const extraFields = { addOns: addOnsSchema.prefault({}), offset: offsetSchema.prefault({}) };
