import { z } from '@hono/zod-openapi';
import { putResultSchema } from './account.ts';
import { identifier, orNull } from './common.ts';
import { bookFields, MAX_POSITIONS, sequenceInput } from './positions.ts';
import { problemSchema } from './problem.ts';

const MAX_UPDATES = 1000;

const updateInput = z
  .strictObject({
    accountId: identifier.openapi({ example: 'alice' }),
    sequence: sequenceInput,
    ...bookFields,
  })
  .openapi('AccountUpdate');
export type UpdateInput = z.infer<typeof updateInput>;

export const batchBody = z
  .strictObject({
    updates: z
      .array(updateInput)
      .min(1, 'must have at least one element')
      .max(MAX_UPDATES, `must have at most ${MAX_UPDATES} elements`)
      .superRefine((updates, context) => {
        const seen = new Map<string, number>();
        let positions = 0;
        updates.forEach((update, index) => {
          const earlier = seen.get(update.accountId);
          if (earlier === undefined) seen.set(update.accountId, index);
          else {
            const message = `is the account of element ${earlier} already`;
            context.addIssue({ code: 'custom', path: [index, 'accountId'], message });
          }
          positions += update.positions.length;
        });
        if (positions > MAX_POSITIONS) {
          const message = `must have at most ${MAX_POSITIONS} positions in all`;
          context.addIssue({ code: 'custom', path: [], message });
        }
      }),
  })
  .openapi('PositionsBatch');

const itemSchema = z
  .object({
    accountId: z.string(),
    stored: orNull(putResultSchema, 'null when it was refused.'),
    problem: orNull(problemSchema, 'Why it was refused; null when it was stored.'),
  })
  .openapi('BatchItem');

export const batchResultSchema = z.object({ results: z.array(itemSchema) }).openapi('BatchResult');
export type BatchItemDto = z.infer<typeof itemSchema>;
