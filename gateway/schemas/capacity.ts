import { z } from '@hono/zod-openapi';
import { wadToDecimal } from '../../risk/units/wad.ts';
import type { AnalysisAnswer } from '../app/ports.ts';
import { accountFields, accountFieldsDto } from './analysis.ts';
import { amount, reasonDto, reasonSchema } from './common.ts';
import { envelopeDto, envelopeFields } from './envelope.ts';

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
    ...envelopeFields,
  })
  .openapi('Capacity');
export type CapacityDto = z.infer<typeof capacitySchema>;

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
    ...envelopeDto(answer, nowMs, priceValidForMs, result.reasons),
  };
}
