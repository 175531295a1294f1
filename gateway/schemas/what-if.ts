import { z } from '@hono/zod-openapi';
import type { FieldIssue } from '../../risk/errors.ts';
import type { AnyPortfolio, AnyPosition } from '../../risk/portfolio/portfolio.ts';
import { wadFromDecimal } from '../../risk/units/wad.ts';
import { amountInput, identifier } from './common.ts';
import { marginSchema } from './margin.ts';
import { MAX_POSITIONS, positionsInput, toPosition } from './positions.ts';

const MAX_SIMULATIONS = 100;

const changeInput = z
  .strictObject({
    label: z.string().max(64).optional().openapi({ description: 'Given back with the result.' }),
    cashChange: amountInput.optional().openapi({ description: 'Added to the cash of the account.' }),
    set: positionsInput
      .optional()
      .openapi({ description: 'Positions added, or changed when the id exists.' }),
    remove: z
      .array(identifier)
      .max(MAX_POSITIONS)
      .optional()
      .openapi({ description: 'Ids of positions closed.' }),
  })
  .openapi('BookChange');
export type ChangeInput = z.infer<typeof changeInput>;

export const whatIfBody = z
  .strictObject({
    simulations: z
      .array(changeInput)
      .min(1, 'must have at least one element')
      .max(MAX_SIMULATIONS, `must have at most ${MAX_SIMULATIONS} elements`),
  })
  .openapi('WhatIf');

export const whatIfSchema = z
  .object({
    current: marginSchema.openapi({ description: 'Margin of the stored book.' }),
    simulations: z.array(z.object({ label: z.string().nullable(), margin: marginSchema })),
  })
  .openapi('WhatIfResult');

/** The stored book after one change, and what is wrong with the change (fields relative to it). */
export function changedPortfolio(
  stored: AnyPortfolio,
  change: ChangeInput,
): {
  readonly portfolio: AnyPortfolio;
  readonly set: readonly AnyPosition[];
  readonly issues: readonly FieldIssue[];
} {
  const issues: FieldIssue[] = [];
  const positions = new Map(stored.positions.map((position) => [position.id, position]));
  change.remove?.forEach((id, index) => {
    if (!positions.delete(id)) {
      issues.push({ field: `remove[${index}]`, message: `the account has no position '${id}'` });
    }
  });
  const removed = new Set(change.remove);
  const set = (change.set ?? []).map((input, index) => toPosition(input, `set[${index}]`));
  set.forEach((position, index) => {
    if (removed.has(position.id)) {
      issues.push({ field: `set[${index}].id`, message: 'is removed by the same change' });
    }
    positions.set(position.id, position);
  });
  const cashWad = stored.cashWad + wadFromDecimal(change.cashChange ?? '0', 'cashChange');
  return { set, issues, portfolio: { ...stored, cashWad, positions: [...positions.values()] } };
}
