import { z } from '@hono/zod-openapi';
import type { PricePoint } from '../../db/queries/price-history.ts';
import { wadToDecimal } from '../../risk/units/wad.ts';
import { formatQuery } from '../csv/respond.ts';
import { amount, iso, timestamp } from './common.ts';
import { momentInput } from './moment.ts';
import { nextCursorField, pageQuery } from './page.ts';

const STEP_MESSAGE = 'must be seconds from 1 to 86400';

export const priceHistoryQuery = z.strictObject({
  ...pageQuery,
  ...formatQuery,
  from: momentInput.optional().openapi({ description: 'Market time. Default: an hour before `to`.' }),
  to: momentInput.optional().openapi({ description: 'Market time. Default: now.' }),
  step: z
    .string()
    .regex(/^([1-9]\d{0,3}|[1-7]\d{4}|8[0-5]\d{3}|86[0-3]\d{2}|86400)$/, STEP_MESSAGE)
    .optional()
    .openapi({
      type: 'integer',
      minimum: 1,
      maximum: 86_400,
      example: 60,
      description: 'Seconds: only the last price of every such step. Default: every stored price.',
    }),
});

const pointSchema = z
  .object({
    asOf: timestamp,
    price: amount.nullable().openapi({ description: 'null when no price could be formed.' }),
    confidence: amount.nullable(),
    usable: z
      .object({ open: z.boolean(), margin: z.boolean(), liquidate: z.boolean() })
      .openapi({ description: 'Verdict per purpose, then.' }),
  })
  .openapi('PricePoint');

export const priceHistorySchema = z
  .object({ feed: z.string(), prices: z.array(pointSchema), nextCursor: nextCursorField })
  .openapi('PriceHistory');

const textOf = (value: bigint | null) => (value === null ? null : wadToDecimal(value));

export function pricePointDto(point: PricePoint): z.infer<typeof pointSchema> {
  const { asOfMs, priceWad, confidenceWad, usable } = point;
  return {
    asOf: iso(asOfMs),
    price: textOf(priceWad),
    confidence: textOf(confidenceWad),
    usable: { ...usable },
  };
}

export const PRICE_COLUMNS = [
  'feed',
  'asOf',
  'price',
  'confidence',
  'usableOpen',
  'usableMargin',
  'usableLiquidate',
];

/** A row of the table with these columns. */
export function pricePointCells(feed: string, point: PricePoint) {
  const { asOf, price, confidence, usable } = pricePointDto(point);
  return [feed, asOf, price, confidence, usable.open, usable.margin, usable.liquidate];
}
