import { z } from '@hono/zod-openapi';
import type { PredictedAmount } from '../../risk/predicted/predict.ts';
import { wadToDecimal } from '../../risk/units/wad.ts';
import type { PredictedAnswer } from '../app/ports.ts';
import { amount, finite, finiteOrNull, reasonDto } from './common.ts';
import { envelopeDto, envelopeFields } from './envelope.ts';
import { marginFields } from './margin.ts';

const predictedAmount = z
  .object({ mean: amount, quantile: amount.openapi({ description: 'Quantile of the bad side.' }) })
  .openapi('PredictedAmount');

export const predictedSchema = z
  .object({
    accountId: marginFields.accountId,
    sequence: marginFields.sequence,
    horizonHours: z.number(),
    quantile: z.number(),
    initialRequirement: predictedAmount,
    maintenanceRequirement: predictedAmount,
    netMaintenance: predictedAmount.openapi({
      description: 'Falls below `quantile` with probability 1 - quantile.',
    }),
    breachProbability: z.number().min(0).max(1).nullable().openapi({
      description: 'P(net maintenance negative at any step); null while a position cannot be valued.',
    }),
    standardError: z.number().nullable().openapi({ description: 'Of breachProbability.' }),
    paths: z.int(),
    steps: z.int(),
    constantAssets: z.array(z.string()).openapi({ description: 'Assets held at their price.' }),
    current: z.object({
      status: marginFields.status,
      equity: amount,
      requirement: marginFields.requirement,
      net: marginFields.net,
    }),
    failures: marginFields.failures,
    ...envelopeFields,
  })
  .openapi('PredictedMargin');
export type PredictedDto = z.infer<typeof predictedSchema>;

const amountDto = (predicted: PredictedAmount) => ({
  mean: wadToDecimal(predicted.meanWad),
  quantile: wadToDecimal(predicted.quantileWad),
});

/** Predicted margin beside the present one; `nowMs` is market time. */
export function predictedDto(answer: PredictedAnswer, nowMs: number, priceValidForMs: number): PredictedDto {
  const { predicted, result } = answer;
  return {
    accountId: answer.accountId,
    sequence: answer.sequence === null ? null : Number(answer.sequence),
    horizonHours: finite(predicted.horizonHours, 'horizonHours'),
    quantile: finite(predicted.quantile, 'quantile'),
    initialRequirement: amountDto(predicted.initialRequirement),
    maintenanceRequirement: amountDto(predicted.maintenanceRequirement),
    netMaintenance: amountDto(predicted.netMaintenance),
    breachProbability: finiteOrNull(predicted.breachProbability, 'breachProbability'),
    standardError: finiteOrNull(predicted.standardError, 'standardError'),
    paths: predicted.paths,
    steps: predicted.steps,
    constantAssets: [...predicted.constantAssets],
    current: {
      status: result.status,
      equity: wadToDecimal(result.equityWad),
      requirement: {
        initial: wadToDecimal(result.initialRequirementWad),
        maintenance: wadToDecimal(result.maintenanceRequirementWad),
      },
      net: {
        initial: wadToDecimal(result.netInitialWad),
        maintenance: wadToDecimal(result.netMaintenanceWad),
      },
    },
    failures: predicted.failures.map((failure) => ({
      positionId: failure.positionId,
      reason: reasonDto(failure.reason),
    })),
    ...envelopeDto(answer, nowMs, priceValidForMs, result.reasons),
  };
}
