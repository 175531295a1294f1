import { z } from '@hono/zod-openapi';
import { wadToDecimal } from '../../risk/units/wad.ts';
import type { MarginAnswer } from '../app/ports.ts';
import type { MarginFigures } from '../engine/analysis-results.ts';
import { amount, reasonDto } from './common.ts';
import { marginFields } from './margin.ts';

/** Margin of the account in one state of the world. */
export const figuresFields = {
  status: marginFields.status,
  equity: amount,
  net: marginFields.net,
};

export function figuresDto(figures: MarginFigures) {
  return {
    status: figures.status,
    equity: wadToDecimal(figures.equityWad),
    net: {
      initial: wadToDecimal(figures.netInitialWad),
      maintenance: wadToDecimal(figures.netMaintenanceWad),
    },
  };
}

/** What every analysis says about the account as it is. */
export const accountFields = {
  accountId: z.string(),
  sequence: z.int().openapi({ description: 'Sequence number of the book.' }),
  current: z.object(figuresFields).openapi({ description: 'The account as it is.' }),
  failures: marginFields.failures,
};

export function accountFieldsDto(
  answer: MarginAnswer & { readonly accountId: string; readonly sequence: bigint },
) {
  return {
    accountId: answer.accountId,
    sequence: Number(answer.sequence),
    current: figuresDto(answer.result),
    failures: answer.result.failures.map(({ positionId, reason }) => ({
      positionId,
      reason: reasonDto(reason),
    })),
  };
}
