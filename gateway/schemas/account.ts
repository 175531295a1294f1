import { z } from '@hono/zod-openapi';
import type { AccountHealth } from '../../db/queries/account-health.ts';
import { WAD, wadToDecimal } from '../../risk/units/wad.ts';
import type { AccountSummary, StoredAccount } from '../app/ports.ts';
import type { Cell } from '../csv/csv.ts';
import { amount, identifier, iso, orNull, timestamp } from './common.ts';
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

export const STATUSES = ['healthy', 'warned', 'margin-call', 'liquidatable', 'insolvent', 'unknown'] as const;

const healthSchema = z
  .object({
    status: z.enum(STATUSES),
    asOf: timestamp,
    sequence: z.int().openapi({ description: 'Of the book that was margined.' }),
    equity: amount,
    initial: amount.openapi({ description: 'Initial requirement.' }),
    maintenance: amount,
    ratio: amount.nullable().openapi({
      description: 'Equity over maintenance requirement; null where there is none, and of `unknown`.',
    }),
  })
  .openapi('AccountHealth');

export const accountListSchema = z
  .object({
    accounts: z.array(
      z
        .object({
          accountId: z.string(),
          sequence: z.int().openapi({
            description: 'Of the pushed book; 0 = nothing was pushed, the account is on chain only.',
          }),
          positionCount: z.int().openapi({ description: 'With those on chain, as they were last read.' }),
          updatedAt: timestamp.openapi({
            description:
              'Of the push; of an account on chain only, of the last reading that was written down.',
          }),
          margin: orNull(healthSchema, 'What the last sweep found; null before the first.'),
        })
        .openapi('AccountSummary'),
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
    margin: summary.health === null ? null : healthDto(summary.health),
  };
}

function healthDto(health: AccountHealth): z.infer<typeof healthSchema> {
  const { status, asOfMs, sequence, equityWad, initialWad, maintenanceWad } = health;
  const hasRatio = status !== 'unknown' && maintenanceWad > 0n;
  return {
    status,
    asOf: iso(asOfMs),
    sequence: Number(sequence),
    equity: wadToDecimal(equityWad),
    initial: wadToDecimal(initialWad),
    maintenance: wadToDecimal(maintenanceWad),
    ratio: hasRatio ? wadToDecimal((equityWad * WAD) / maintenanceWad) : null,
  };
}

export const ACCOUNT_COLUMNS = [
  'accountId',
  'sequence',
  'positionCount',
  'updatedAt',
  'status',
  'asOf',
  'marginSequence',
  'equity',
  'initial',
  'maintenance',
  'ratio',
];

/** A row of the table with these columns. */
export function accountCells(summary: AccountSummary): readonly Cell[] {
  const { margin, accountId, sequence, positionCount, updatedAt } = summaryDto(summary);
  const { status, asOf, sequence: of, equity, initial, maintenance, ratio } = margin ?? NO_MARGIN;
  return [
    accountId,
    sequence,
    positionCount,
    updatedAt,
    status,
    asOf,
    of,
    equity,
    initial,
    maintenance,
    ratio,
  ];
}

const NO_MARGIN = {
  status: null,
  asOf: null,
  sequence: null,
  equity: null,
  initial: null,
  maintenance: null,
  ratio: null,
};
