import { z } from '@hono/zod-openapi';
import { wadToDecimal } from '../../risk/units/wad.ts';
import type { StressAnswer } from '../app/ports.ts';
import type { ScenarioOutcome } from '../engine/analysis-results.ts';
import { accountFields, accountFieldsDto, figuresDto, figuresFields } from './analysis.ts';
import { amount, finite, orNull } from './common.ts';
import { envelopeDto, envelopeFields } from './envelope.ts';

const outcomeSchema = z
  .object({
    name: z.string().openapi({ example: 'crash-2020-03-12' }),
    source: z.string().openapi({ description: 'Where the figures come from.' }),
    prices: z.record(z.string(), z.number()).openapi({
      description: 'Multiplier of the price, of each asset that the account holds.',
    }),
    volatility: z.number().openapi({ description: 'Multiplier of implied volatilities.' }),
    closingCost: z.number().openapi({ description: 'Cost of closing perps, share of the notional.' }),
    lostChain: z.string().nullable(),
    change: amount.openapi({ description: 'Of equity against now; negative = loss.' }),
    equityAfterClosing: amount.openapi({ description: 'Equity after closing every perp at that cost.' }),
    ...figuresFields,
  })
  .openapi('StressOutcome');

export const stressSchema = z
  .object({
    ...accountFields,
    scenarios: z.array(outcomeSchema),
    worst: z.object({
      byNetMaintenance: z.string().openapi({ description: 'Name of the scenario with the least.' }),
      byEquityAfterClosing: z.string().openapi({ description: 'Name of the scenario with the least.' }),
    }),
    grid: z.object({
      spotMoves: z
        .array(z.number())
        .openapi({ description: 'Of all assets but stablecoins together; -0.2 = down 20 %.' }),
      volatilities: z.array(z.number()).openapi({ description: 'Multipliers of implied volatilities.' }),
      cells: z
        .array(z.array(z.object(figuresFields)))
        .openapi({ description: 'A row per volatility, in it a cell per spot move.' }),
      worst: z
        .object({ spotMove: z.number(), volatility: z.number() })
        .openapi({ description: 'The cell with the least net maintenance, the first of equals.' }),
    }),
    reverse: orNull(
      z
        .object({
          asset: z
            .string()
            .nullable()
            .openapi({ description: 'Asset that moves alone; null = all along their betas.' }),
          reference: z
            .string()
            .nullable()
            .openapi({ description: 'Asset whose move is told when all move; null otherwise.' }),
          move: z.number().openapi({ description: '-0.2 = down 20 %; 0 = breached already.' }),
        })
        .openapi('ReverseStress'),
      'The smallest move that brings net maintenance to 0; null when none from 0.001 to 10 times the price does, or a position cannot be valued.',
    ),
    ...envelopeFields,
  })
  .openapi('Stress');
export type StressDto = z.infer<typeof stressSchema>;

/** `nowMs` is market time. */
export function stressDto(answer: StressAnswer, nowMs: number, priceValidForMs: number): StressDto {
  const { analysis, result, beta } = answer;
  const { scenarios, grid, reverse } = analysis;
  const spotMoves = [...new Set(grid.map(({ spotMove }) => spotMove))];
  const volatilities = [...new Set(grid.map(({ volatility }) => volatility))];
  const worstCell = least(grid, (cell) => cell.netMaintenanceWad);
  return {
    ...accountFieldsDto(answer),
    scenarios: scenarios.map(outcomeDto),
    worst: {
      byNetMaintenance: least(scenarios, (outcome) => outcome.netMaintenanceWad).name,
      byEquityAfterClosing: least(scenarios, (outcome) => outcome.equityAfterClosingWad).name,
    },
    grid: {
      spotMoves,
      volatilities,
      cells: volatilities.map((volatility) =>
        grid.filter((cell) => cell.volatility === volatility).map(figuresDto),
      ),
      worst: { spotMove: worstCell.spotMove, volatility: worstCell.volatility },
    },
    reverse:
      reverse === null
        ? null
        : {
            asset: reverse.asset,
            reference: reverse.asset === null ? beta.reference : null,
            move: finite(reverse.move, 'move'),
          },
    ...envelopeDto(answer, nowMs, priceValidForMs, result.reasons),
  };
}

function least<T>(items: readonly T[], of: (item: T) => bigint): T {
  return items.reduce((worst, item) => (of(item) < of(worst) ? item : worst));
}

function outcomeDto(outcome: ScenarioOutcome) {
  return {
    name: outcome.name,
    source: outcome.source,
    prices: Object.fromEntries(outcome.multipliers),
    volatility: finite(outcome.volatility, 'volatility'),
    closingCost: finite(outcome.closingCost, 'closingCost'),
    lostChain: outcome.lostChain,
    change: wadToDecimal(outcome.changeWad),
    equityAfterClosing: wadToDecimal(outcome.equityAfterClosingWad),
    ...figuresDto(outcome),
  };
}
