import { z } from '@hono/zod-openapi';
import { wadToDecimal } from '../../risk/units/wad.ts';
import type { AccountSummary, StoredAccount } from '../app/ports.ts';
import { amount, identifier, iso, timestamp } from './common.ts';
import { positionDto, positionSchema } from './stored-position.ts';

export const accountParams = z.strictObject({
  id: identifier.openapi({ param: { name: 'id', in: 'path' }, example: 'alice' }),
});

export const accountSchema = z
  .object({
    accountId: z.string(),
    sequence: z.int(),
    updatedAt: timestamp,
    cash: amount,
    positions: z.array(positionSchema),
  })
  .openapi('AccountPositions');

export const putResultSchema = z
  .object({
    accountId: z.string(),
    sequence: z.int(),
    replayed: z.boolean().openapi({ description: 'True when this very update was stored before.' }),
    positionCount: z.int(),
    updatedAt: timestamp,
  })
  .openapi('PutPositionsResult');

export const accountListSchema = z
  .object({
    accounts: z.array(
      z.object({
        accountId: z.string(),
        sequence: z.int(),
        positionCount: z.int(),
        updatedAt: timestamp,
      }),
    ),
    nextCursor: z.string().nullable().openapi({ description: 'null on the last page.' }),
  })
  .openapi('AccountList');

export function accountDto(account: StoredAccount): z.infer<typeof accountSchema> {
  return {
    accountId: account.accountId,
    sequence: Number(account.sequence),
    updatedAt: iso(account.updatedAtMs),
    cash: wadToDecimal(account.portfolio.cashWad),
    positions: account.portfolio.positions.map(positionDto),
  };
}

export function summaryDto(summary: AccountSummary) {
  return {
    accountId: summary.accountId,
    sequence: Number(summary.sequence),
    positionCount: summary.positionCount,
    updatedAt: iso(summary.updatedAtMs),
  };
}
