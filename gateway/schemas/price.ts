import { z } from '@hono/zod-openapi';
import type { RobustPrice } from '../../oracles/price.ts';
import type { Verdict } from '../../risk/market/verdict.ts';
import { wadToDecimal } from '../../risk/units/wad.ts';
import { amount, finite, finiteOrNull, iso, reasonDto, reasonSchema, timestamp } from './common.ts';

export const verdictSchema = z
  .object({ usable: z.boolean(), reasons: z.array(reasonSchema) })
  .openapi('Verdict');

export const verdictsSchema = z
  .object({
    open: verdictSchema.openapi({ description: 'May new risk be taken at this price.' }),
    margin: verdictSchema.openapi({ description: 'May this price be used for margin.' }),
    liquidate: verdictSchema.openapi({ description: 'May this price be used to liquidate.' }),
  })
  .openapi('Verdicts');

const priceFields = {
  feed: z.string().openapi({ example: 'BTC-USD' }),
  base: z.string(),
  quote: z.string().openapi({ description: 'Unit of price and confidence.' }),
  price: amount
    .nullable()
    .openapi({ description: 'null when no price can be formed; the verdicts say why.' }),
  confidence: amount
    .nullable()
    .openapi({ description: 'One-sigma-like half width, in the unit of the price.' }),
  confidenceScore: z.number().min(0).max(1).nullable(),
  publishTime: timestamp.nullable(),
  ageSeconds: z.number().nullable().openapi({ description: 'Market time since publishTime.' }),
  verdicts: verdictsSchema,
};

/** A price as it entered a risk answer. */
export const usedPriceSchema = z.object(priceFields).openapi('UsedPrice');
export type UsedPriceDto = z.infer<typeof usedPriceSchema>;

export const priceSchema = z
  .object({
    ...priceFields,
    asOf: timestamp,
    validUntil: timestamp,
    stale: z
      .boolean()
      .openapi({ description: 'True past validUntil and while the price is refused for margin.' }),
    reasons: z.array(reasonSchema),
    sources: z.array(
      z.object({
        id: z.string().openapi({ example: 'chainlink:hub' }),
        included: z.boolean(),
        weight: z.number(),
        ageSeconds: z.number().nullable(),
        reasons: z.array(reasonSchema),
      }),
    ),
    configHash: z.string(),
  })
  .openapi('Price');
export type PriceDto = z.infer<typeof priceSchema>;

export const priceListSchema = z.object({ prices: z.array(priceSchema) }).openapi('PriceList');

const verdictDto = ({ usable, reasons }: Verdict) => ({ usable, reasons: reasons.map(reasonDto) });

/** The part of a price that every answer shows. */
export function usedPriceDto(price: RobustPrice, nowMs: number): UsedPriceDto {
  const { market, verdicts } = price;
  return {
    feed: price.feedId,
    base: price.base,
    quote: price.quoteAsset,
    price: market === null ? null : wadToDecimal(market.priceWad),
    confidence: market === null ? null : wadToDecimal(market.confidenceWad),
    confidenceScore: market === null ? null : finite(market.confidenceScore, 'confidenceScore'),
    publishTime: market === null ? null : iso(market.publishTimeMs),
    ageSeconds: market === null ? null : (nowMs - market.publishTimeMs) / 1000,
    verdicts: {
      open: verdictDto(verdicts.open),
      margin: verdictDto(verdicts.margin),
      liquidate: verdictDto(verdicts.liquidate),
    },
  };
}

/** A price with its validity; `nowMs` is market time. */
export function priceDto(price: RobustPrice, nowMs: number, validForMs: number): PriceDto {
  const used = usedPriceDto(price, nowMs);
  const validUntilMs = price.asOfMs + validForMs;
  const expired = nowMs > validUntilMs;
  const refused = !price.verdicts.margin.usable || price.market === null;
  return {
    ...used,
    asOf: iso(price.asOfMs),
    validUntil: iso(validUntilMs),
    stale: expired || refused,
    reasons: [
      ...(expired ? [expiredReason(price.feedId, validUntilMs)] : []),
      ...used.verdicts.margin.reasons,
    ],
    sources: price.votes.map((vote) => ({
      id: vote.sourceId,
      included: vote.included,
      weight: finite(vote.weight, 'weight'),
      ageSeconds: vote.ageMs === null ? null : finiteOrNull(vote.ageMs / 1000, 'ageSeconds'),
      reasons: vote.reasons.map(reasonDto),
    })),
    configHash: price.configHash,
  };
}

function expiredReason(feedId: string, validUntilMs: number) {
  return {
    code: 'price-expired',
    message: `${feedId} was last formed for use until ${iso(validUntilMs)}`,
    subject: feedId,
  };
}
