import { z } from '@hono/zod-openapi';
import { wadToDecimal } from '../../risk/units/wad.ts';
import type { AnalysisAnswer } from '../app/ports.ts';
import type { AuctionCurve } from '../engine/analysis-results.ts';
import { accountFields, accountFieldsDto, figuresDto, figuresFields } from './analysis.ts';
import { amount, finite, finiteOrNull, orNull } from './common.ts';
import { envelopeDto, envelopeFields } from './envelope.ts';

const auctionSchema = z
  .object({
    kind: z.enum(['solvent', 'insolvent']),
    parameters: z.record(z.string(), z.number()),
    points: z.array(
      z.object({
        seconds: z.number().openapi({ description: 'Since the start of the auction.' }),
        paidFraction: z
          .number()
          .nullable()
          .openapi({ description: 'Share of the value that a bidder pays; null when insolvent.' }),
        largestFraction: z.number().openapi({ description: 'Largest share that one bid may take.' }),
        price: z.number().openapi({ description: 'For that share; negative = the bidder is paid.' }),
      }),
    ),
  })
  .openapi('AuctionCurve');

const planSchema = z
  .object({
    reached: z.boolean().openapi({ description: 'False: even every close together does not suffice.' }),
    closes: z
      .array(
        z.object({
          positionId: z.string(),
          market: z.string(),
          size: amount.openapi({ description: 'Signed trade, opposite to the position.' }),
          price: amount.openapi({ description: 'Mark at which it is assumed to fill, before the cost.' }),
          cost: amount,
        }),
      )
      .openapi({ description: 'In this order; empty when the account is at the target already.' }),
    after: z.object(figuresFields).openapi({ description: 'The account after the closes.' }),
    auction: orNull(
      auctionSchema,
      'What is left after the closes in a Dutch auction; null when the target is reached or maintenance is met.',
    ),
  })
  .openapi('LiquidationPlanSteps');

export const liquidationPlanSchema = z
  .object({
    ...accountFields,
    target: amount,
    costRate: z.number(),
    plan: orNull(planSchema, 'null while a position cannot be valued.'),
    ...envelopeFields,
  })
  .openapi('LiquidationPlan');
export type LiquidationPlanDto = z.infer<typeof liquidationPlanSchema>;

/** `nowMs` is market time. */
export function liquidationPlanDto(
  answer: AnalysisAnswer<'liquidation-plan'>,
  ask: { readonly targetWad: bigint; readonly costRate: number },
  nowMs: number,
  priceValidForMs: number,
): LiquidationPlanDto {
  const { analysis, result } = answer;
  return {
    ...accountFieldsDto(answer),
    target: wadToDecimal(ask.targetWad),
    costRate: finite(ask.costRate, 'costRate'),
    plan:
      result.status === 'unknown'
        ? null
        : {
            reached: analysis.reached,
            closes: analysis.closes.map(({ positionId, market, sizeWad, priceWad, costWad }) => ({
              positionId,
              market,
              size: wadToDecimal(sizeWad),
              price: wadToDecimal(priceWad),
              cost: wadToDecimal(costWad),
            })),
            after: figuresDto(analysis.after),
            auction: analysis.auction === null ? null : auctionDto(analysis.auction),
          },
    ...envelopeDto(answer, nowMs, priceValidForMs, result.reasons),
  };
}

function auctionDto({ kind, parameters, points }: AuctionCurve) {
  return {
    kind,
    parameters: { ...parameters },
    points: points.map((point) => ({
      seconds: finite(point.seconds, 'seconds'),
      paidFraction: finiteOrNull(point.paidFraction, 'paidFraction'),
      largestFraction: finite(point.largestFraction, 'largestFraction'),
      price: finite(point.price, 'price'),
    })),
  };
}
