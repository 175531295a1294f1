import { z } from '@hono/zod-openapi';
import { wadFromDecimal } from '../../risk/units/wad.ts';
import type { VenueData, VenueExpiry } from '../engine/venue-data.ts';
import { expiryInput, positiveAmountInput, strikeInput } from './common.ts';
import { sequenceInput } from './positions.ts';

const MAX_EXPIRIES = 64;
const MAX_POINTS = 400;
const MAX_LEVELS = 200;
const DEFAULT_MAX_AGE_SECONDS = 300;

const number = (low: number, high: number, description: string) =>
  z
    .number(`must be a number from ${low} to ${high}`)
    .min(low, `must be at least ${low}`)
    .max(high, `must be at most ${high}`)
    .openapi({ description });
const score = (what: string) => number(0, 1, `Confidence in the ${what}, 0 to 1. Default 1.`).optional();
const volatility = z
  .number('must be a number above 0, such as 0.65')
  .gt(0, 'must be above 0')
  .max(50, 'must be at most 50')
  .openapi({ example: 0.65, description: 'Annualised, 0.65 = 65 %.' });

const PLAIN = /^\d{1,30}(\.\d{1,18})?$/;

/** Says at every element that does not follow the one before it; what is no number is refused where it stands. */
function inOrder(field: string | null, direction: 'ascending' | 'descending', read = (one: unknown) => one) {
  return (list: readonly unknown[], context: z.core.$RefinementCtx) => {
    const values = list.map((one) => String(read(one)));
    for (let i = 1; i < values.length; i++) {
      const [before, here] = [values[i - 1]!, values[i]!];
      if (!PLAIN.test(before) || !PLAIN.test(here)) continue;
      const rise = wadFromDecimal(here) - wadFromDecimal(before);
      if (direction === 'ascending' ? rise > 0n : rise < 0n) continue;
      const message = `must be ${direction === 'ascending' ? 'above' : 'below'} that of element ${i - 1}`;
      context.addIssue({ code: 'custom', path: field === null ? [i] : [i, field], message });
    }
  };
}

const strikeOf = (point: unknown) => (point as { strike?: unknown } | null)?.strike;
const priceOf = (level: unknown) => (level as { price?: unknown } | null)?.price;
const tooMany = (limit: number) => `must have at most ${limit} elements`;

const svi = z
  .strictObject({
    kind: z.literal('svi'),
    a: number(-10, 100, 'Level of total variance.'),
    b: number(0, 100, 'Slope of the wings.'),
    rho: number(-1, 1, 'Skew; between -1 and 1.'),
    m: number(-10, 10, 'Log-moneyness of the centre.'),
    sigma: number(0, 10, 'Width of the centre; above 0.'),
    strikes: z
      .array(strikeInput)
      .max(MAX_POINTS, tooMany(MAX_POINTS))
      .superRefine(inOrder(null, 'ascending'))
      .optional()
      .openapi({ description: 'Strikes that the venue lists, ascending; any strike has a volatility.' }),
  })
  .openapi('SviSmile');

const grid = z
  .strictObject({
    kind: z.literal('grid'),
    points: z
      .array(z.strictObject({ strike: strikeInput, volatility }))
      .min(1, 'must have at least one element')
      .max(MAX_POINTS, tooMany(MAX_POINTS))
      .superRefine(inOrder('strike', 'ascending', strikeOf))
      .openapi({ description: 'By strike, ascending.' }),
  })
  .openapi('GridSmile');

const expiry = z
  .strictObject({
    expiry: expiryInput,
    forward: positiveAmountInput,
    settlementPrice: positiveAmountInput.optional().openapi({
      description: 'Average that settlement converges to; marks the options in their last hour.',
    }),
    rate: number(-1, 10, 'Continuous rate per year of the quote asset. Default 0.').optional(),
    smile: z.discriminatedUnion('kind', [svi, grid], {
      error: (issue) =>
        typeof issue.input === 'object' && issue.input !== null
          ? "must be of kind 'svi' or 'grid'"
          : 'must be an object',
    }),
    confidence: z
      .strictObject({ forward: score('forward'), rate: score('rate'), volatility: score('volatilities') })
      .optional(),
  })
  .openapi('VenueExpiry');

const level = z.strictObject({ price: positiveAmountInput, size: positiveAmountInput });
const levels = (direction: 'ascending' | 'descending') =>
  z
    .array(level)
    .max(MAX_LEVELS, tooMany(MAX_LEVELS))
    .superRefine(inOrder('price', direction, priceOf));

const FIELDS = [
  'expiries',
  'settlements',
  'fundingRate',
  'openInterest',
  'depth',
  'settlementPrice',
  'supplied',
  'borrowed',
] as const;

const total = (description: string) =>
  z
    .string({ error: 'must be a decimal string such as "1200.5", in quotes' })
    .regex(PLAIN, 'must be a plain decimal string, not negative')
    .optional()
    .openapi({ description });
const moment = (description: string, example: string) =>
  z.iso
    .datetime('must be ISO 8601 in UTC, such as 2026-03-14T15:09:26Z')
    .optional()
    .openapi({ description, example });

/** Says at every element whose expiry an earlier one has. */
const oncePerExpiry = (list: readonly { readonly expiry?: unknown }[], context: z.core.$RefinementCtx) => {
  const seen = new Map<string, number>();
  list.forEach((one, index) => {
    const day = String(one?.expiry).slice(0, 10);
    const earlier = seen.get(day);
    if (earlier === undefined) seen.set(day, index);
    else {
      const message = `is that of element ${earlier} already`;
      context.addIssue({ code: 'custom', path: [index, 'expiry'], message });
    }
  });
};

export const venueDataBody = z
  .strictObject({
    sequence: sequenceInput.openapi({
      description: 'Grows with every update of the market; an older one is refused.',
      example: 1,
    }),
    asOf: z.iso.datetime('must be ISO 8601 in UTC, such as 2026-03-14T15:09:26Z').openapi({
      description: 'Market time at which the venue made the data.',
      example: '2026-03-14T15:09:26Z',
    }),
    maxAgeSeconds: z
      .int('must be a whole number of seconds')
      .min(1, 'must be at least 1')
      .max(86_400, 'must be at most 86400')
      .optional()
      .openapi({ description: `Not used when it is older. Default ${DEFAULT_MAX_AGE_SECONDS}.` }),
    expiries: z
      .array(expiry)
      .min(1, 'must have at least one element')
      .max(MAX_EXPIRIES, tooMany(MAX_EXPIRIES))
      .superRefine(oncePerExpiry)
      .optional()
      .openapi({ description: 'Forwards, rates and volatilities of an option series, by expiry.' }),
    settlements: z
      .array(z.strictObject({ expiry: expiryInput, price: positiveAmountInput }))
      .min(1, 'must have at least one element')
      .max(MAX_EXPIRIES, tooMany(MAX_EXPIRIES))
      .superRefine(oncePerExpiry)
      .optional()
      .openapi({
        description:
          'Of an option series: the prices at which past expiries settled. Send them with every push until the positions are out of the books.',
      }),
    fundingRate: number(-1, 1, 'Per hour, share of the notional; positive = longs pay.').optional(),
    fundingSettledAt: moment(
      'Until then funding is paid, or in `unsettledFunding` of the positions; `fundingRate` is the mean rate since. Default: asOf.',
      '2026-03-14T08:00:00Z',
    ),
    nextFundingAt: moment(
      'Next payment of funding. Left out: it is paid all the time.',
      '2026-03-14T16:00:00Z',
    ),
    openInterest: total('Base units.'),
    depth: z
      .strictObject({ bids: levels('descending'), asks: levels('ascending') })
      .optional()
      .openapi({ description: 'Order book, best first.' }),
    settlementPrice: positiveAmountInput.optional().openapi({
      description: 'Of a market that has ended: the price at which it settled. Not before that.',
    }),
    supplied: total('Of a lent asset: what is supplied in all, in its units.'),
    borrowed: total('Of a lent asset: what is borrowed in all, in its units.'),
  })
  .superRefine((body, context) => {
    if (FIELDS.every((field) => body[field] === undefined)) {
      context.addIssue({ code: 'custom', path: [], message: `must have one of ${FIELDS.join(', ')}` });
    }
    for (const field of ['fundingSettledAt', 'nextFundingAt'] as const) {
      if (body[field] === undefined || body.fundingRate !== undefined) continue;
      context.addIssue({ code: 'custom', path: [field], message: 'says nothing without fundingRate' });
    }
  })
  .openapi('VenueDataInput');
export type VenueDataInput = z.infer<typeof venueDataBody>;

/** What the engine keeps of a body; exact. */
export function venueDataOf(body: VenueDataInput): { readonly maxAgeMs: number; readonly data: VenueData } {
  const wad = (text: string | undefined) => (text === undefined ? null : wadFromDecimal(text));
  const book = (side: readonly z.infer<typeof level>[]) =>
    side.map(({ price, size }) => ({ priceWad: wadFromDecimal(price), sizeWad: wadFromDecimal(size) }));
  return {
    maxAgeMs: (body.maxAgeSeconds ?? DEFAULT_MAX_AGE_SECONDS) * 1000,
    data: {
      expiries: body.expiries?.map(expiryOf) ?? null,
      fundingRate: body.fundingRate ?? null,
      openInterestWad: wad(body.openInterest),
      depth: body.depth === undefined ? null : { bids: book(body.depth.bids), asks: book(body.depth.asks) },
      settlementWad: wad(body.settlementPrice),
      ...(body.fundingSettledAt && { fundingSettledAtMs: Date.parse(body.fundingSettledAt) }),
      ...(body.nextFundingAt && { nextFundingAtMs: Date.parse(body.nextFundingAt) }),
      ...(body.settlements && {
        settlements: body.settlements.map(({ expiry: at, price }) => ({
          expiryMs: Date.parse(at),
          priceWad: wadFromDecimal(price),
        })),
      }),
      ...(body.supplied !== undefined && { suppliedWad: wadFromDecimal(body.supplied) }),
      ...(body.borrowed !== undefined && { borrowedWad: wadFromDecimal(body.borrowed) }),
    },
  };
}

function expiryOf(given: z.infer<typeof expiry>): VenueExpiry {
  const { smile, confidence } = given;
  return {
    expiryMs: Date.parse(given.expiry),
    forwardWad: wadFromDecimal(given.forward),
    settlementWad: given.settlementPrice === undefined ? null : wadFromDecimal(given.settlementPrice),
    rate: given.rate ?? 0,
    confidence: {
      forward: confidence?.forward ?? 1,
      rate: confidence?.rate ?? 1,
      volatility: confidence?.volatility ?? 1,
    },
    smile:
      smile.kind === 'svi'
        ? {
            kind: 'svi',
            svi: { a: smile.a, b: smile.b, rho: smile.rho, m: smile.m, sigma: smile.sigma },
            strikesWad: (smile.strikes ?? []).map((strike) => wadFromDecimal(strike)),
          }
        : {
            kind: 'grid',
            points: smile.points.map(({ strike, volatility: value }) => ({
              strikeWad: wadFromDecimal(strike),
              volatility: value,
            })),
          },
  };
}
