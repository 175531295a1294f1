import { z } from '@hono/zod-openapi';
import { type Wad, wadToDecimal } from '../../risk/units/wad.ts';
import type { AnalysisAnswer } from '../app/ports.ts';
import type { LendingRoom } from '../engine/analysis-results.ts';
import { accountFields, accountFieldsDto } from './analysis.ts';
import { amount, reasonDto, reasonSchema } from './common.ts';
import { envelopeDto, envelopeFields } from './envelope.ts';

const capFields = {
  cap: amount.nullable().openapi({ description: 'In force, units of the asset; null = no cap.' }),
  total: amount.nullable().openapi({
    description: 'Of all accounts, as the venue told it; null while it told nothing that still counts.',
  }),
  reasons: z.array(reasonSchema).openapi({ description: 'Why nothing is claimed; empty otherwise.' }),
};

const lendingRoomSchema = z
  .object({
    market: z.string().openapi({ example: 'ETH-SPOT' }),
    asset: z.string(),
    supply: z.object({
      largest: amount.nullable().openapi({
        description: 'Left under the cap; 0 while the total is not known, null where there is no cap.',
      }),
      ...capFields,
    }),
    borrow: z.object({
      largest: amount.openapi({
        description: 'Most that may be borrowed and taken out: covered by initial margin, and under the cap.',
      }),
      ...capFields,
    }),
  })
  .openapi('LendingRoom');

export const capacitySchema = z
  .object({
    ...accountFields,
    freeCollateral: amount.openapi({
      description: 'Net initial margin, not below 0; 0 while a position cannot be valued.',
    }),
    orders: z
      .array(
        z.object({
          market: z.string(),
          asset: z.string(),
          side: z.enum(['buy', 'sell']),
          size: amount.openapi({ description: 'Largest size in base units, rounded down.' }),
          price: amount.nullable().openapi({
            description: 'Price at which it is assumed to fill, without cost; null when there is none.',
          }),
          reasons: z.array(reasonSchema).openapi({ description: 'Why the size is 0; empty otherwise.' }),
        }),
      )
      .openapi({ description: 'Each alone: after one of them the others are less.' }),
    withdrawals: z
      .object({
        cash: amount,
        collateral: z.array(z.object({ positionId: z.string(), asset: z.string(), amount })),
      })
      .openapi({ description: 'Each alone, in units of what is withdrawn, rounded down.' }),
    lending: z.array(lendingRoomSchema).openapi({
      description: 'Of every lent market; empty when one `market` was asked for.',
    }),
    ...envelopeFields,
  })
  .openapi('Capacity');
export type CapacityDto = z.infer<typeof capacitySchema>;

const orNullAmount = (value: Wad | null) => (value === null ? null : wadToDecimal(value));

function roomDto({ largestWad, capWad, totalWad, reasons }: LendingRoom['supply']) {
  return {
    largest: orNullAmount(largestWad),
    cap: orNullAmount(capWad),
    total: orNullAmount(totalWad),
    reasons: reasons.map(reasonDto),
  };
}

/** `nowMs` is market time. */
export function capacityDto(
  answer: AnalysisAnswer<'capacity'>,
  nowMs: number,
  priceValidForMs: number,
): CapacityDto {
  const { analysis, result } = answer;
  return {
    ...accountFieldsDto(answer),
    freeCollateral: wadToDecimal(analysis.freeCollateralWad),
    orders: analysis.orders.map(({ market, asset, side, sizeWad, priceWad, reasons }) => ({
      market,
      asset,
      side,
      size: wadToDecimal(sizeWad),
      price: priceWad === null ? null : wadToDecimal(priceWad),
      reasons: reasons.map(reasonDto),
    })),
    withdrawals: {
      cash: wadToDecimal(analysis.cashWad),
      collateral: analysis.collateral.map(({ positionId, asset, amountWad }) => ({
        positionId,
        asset,
        amount: wadToDecimal(amountWad),
      })),
    },
    lending: analysis.lending.map(({ market, asset, supply, borrow }) => ({
      market,
      asset,
      supply: roomDto(supply),
      borrow: { ...roomDto(borrow), largest: wadToDecimal(borrow.largestWad) },
    })),
    ...envelopeDto(answer, nowMs, priceValidForMs, result.reasons),
  };
}
