import { z } from '@hono/zod-openapi';
import { wadFromNumber } from '../../risk/units/decimal.ts';
import { mulWadDown, wadToDecimal } from '../../risk/units/wad.ts';
import type { LiquidationPriceAnswer } from '../app/ports.ts';
import { accountFields, accountFieldsDto } from './analysis.ts';
import { amount, finite, orNull } from './common.ts';
import { envelopeDto, envelopeFields } from './envelope.ts';

const moveSchema = z
  .object({
    multiplier: z.number().openapi({ description: 'Of the price now; 1 when it is breached already.' }),
    prices: z
      .array(z.object({ feed: z.string(), price: amount }))
      .openapi({ description: 'Every feed of the asset at that multiplier.' }),
  })
  .openapi('LiquidationMove');

const NONE = 'null: no move in this direction reaches it, from 0.001 to 10 times the price.';

const moves = { down: orNull(moveSchema, NONE), up: orNull(moveSchema, NONE) };

const alongBetaSchema = z
  .object({
    reference: z.string().openapi({ example: 'BTC' }),
    betas: z.record(z.string(), z.number()).openapi({
      description: 'By asset; an asset without one stays. price x (1 + beta x (multiplier - 1)).',
    }),
    down: z
      .number()
      .nullable()
      .openapi({ description: `Multiplier of the reference. ${NONE}` }),
    up: z
      .number()
      .nullable()
      .openapi({ description: `Multiplier of the reference. ${NONE}` }),
  })
  .openapi('LiquidationAlongBeta');

export const liquidationPriceSchema = z
  .object({
    ...accountFields,
    breached: z.boolean().nullable().openapi({
      description: 'Net maintenance is below 0 now; null while a position cannot be valued.',
    }),
    assets: z
      .array(z.object({ asset: z.string(), ...moves }))
      .nullable()
      .openapi({
        description:
          'Where net maintenance reaches 0 when this asset alone moves; null while a position cannot be valued.',
      }),
    alongBeta: orNull(
      alongBetaSchema,
      'All assets together; null while betas are not known or a position cannot be valued.',
    ),
    ...envelopeFields,
  })
  .openapi('LiquidationPrice');
export type LiquidationPriceDto = z.infer<typeof liquidationPriceSchema>;

/** `nowMs` is market time. */
export function liquidationPriceDto(
  answer: LiquidationPriceAnswer,
  nowMs: number,
  priceValidForMs: number,
): LiquidationPriceDto {
  const { analysis, result, beta } = answer;
  // Where an account without some of its positions would be liquidated says nothing of this one.
  const known = result.status !== 'unknown';
  return {
    ...accountFieldsDto(answer),
    breached: known ? result.netMaintenanceWad < 0n : null,
    assets: known
      ? [...analysis.byAsset].map(([asset, { down, up }]) => ({
          asset,
          down: moveDto(answer, asset, down),
          up: moveDto(answer, asset, up),
        }))
      : null,
    alongBeta:
      known && analysis.alongBeta !== null && beta.betas !== null
        ? {
            reference: beta.reference,
            betas: { ...beta.betas },
            down: analysis.alongBeta.down,
            up: analysis.alongBeta.up,
          }
        : null,
    ...envelopeDto(answer, nowMs, priceValidForMs, result.reasons),
  };
}

function moveDto(answer: LiquidationPriceAnswer, asset: string, multiplier: number | null) {
  if (multiplier === null) return null;
  const feeds = answer.feeds.get(asset) ?? [];
  return {
    multiplier: finite(multiplier, 'multiplier'),
    prices: answer.prices.flatMap(({ feedId, market }) =>
      market !== null && feeds.includes(feedId)
        ? [{ feed: feedId, price: wadToDecimal(mulWadDown(market.priceWad, wadFromNumber(multiplier))) }]
        : [],
    ),
  };
}
