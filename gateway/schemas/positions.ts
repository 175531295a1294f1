import { z } from '@hono/zod-openapi';
import type { AnyPortfolio, AnyPosition } from '../../risk/portfolio/portfolio.ts';
import { wadFromDecimal, wadToDecimal } from '../../risk/units/wad.ts';
import { instrumentName, parseFuture, parseInstrument } from '../engine/instruments.ts';
import {
  amountInput,
  assetInput,
  expiryInput,
  identifier,
  nonZeroAmountInput,
  positiveAmountInput,
  strikeInput,
} from './common.ts';

export const MAX_POSITIONS = 10_000;

export const CHAIN = /^[a-z0-9-]{1,32}$/;

const chain = z.string().regex(CHAIN, 'must be 1 to 32 of a-z, 0-9, -').nullable().optional().openapi({
  example: 'hub',
  description: 'Chain on which the position lives; left out or null for one book.',
});

export const perpInput = z
  .strictObject({
    kind: z.literal('perp'),
    id: identifier.openapi({ example: 'p1' }),
    market: z.string().min(1).max(64).openapi({ example: 'BTC-PERP' }),
    size: nonZeroAmountInput.openapi({ description: 'Base units, negative = short; not zero.' }),
    entryPrice: positiveAmountInput.openapi({ description: 'Average entry price in quote per base unit.' }),
    unsettledFunding: amountInput
      .optional()
      .openapi({ description: 'Funding not settled, in quote; positive = the account receives. Default 0.' }),
    fundingFrom: z.iso.datetime('must be ISO 8601 in UTC, such as 2026-03-14T15:09:26Z').optional().openapi({
      example: '2026-03-14T15:09:26Z',
      description:
        "Until then funding is in `unsettledFunding` or paid, and the venue's rate counts from there, but not from before its last settlement. Left out: from the last settlement on.",
    }),
    chain,
  })
  .openapi('PerpPositionInput');

export const collateralInput = z
  .strictObject({
    kind: z.literal('collateral'),
    id: identifier.openapi({ example: 'c1' }),
    asset: z.string().min(1).max(64).openapi({ example: 'ETH' }),
    amount: positiveAmountInput.openapi({ example: '2.5' }),
    chain,
  })
  .openapi('CollateralPositionInput');

/** An option is named, or told by what it is. */
const INSTRUMENT_FIELDS = ['underlying', 'expiry', 'strike', 'type'] as const;

const optionInput = z
  .strictObject({
    kind: z.literal('option'),
    id: identifier.openapi({ example: 'o1' }),
    market: z
      .string()
      .refine((name) => parseInstrument(name) !== null, 'must look like BTC-20260327-60000-C')
      .optional()
      .openapi({
        example: 'BTC-20260327-60000-C',
        description: 'Asset, day of expiry, strike, C or P; left out when the four fields below say it.',
      }),
    underlying: assetInput.optional(),
    expiry: expiryInput.optional(),
    strike: strikeInput.optional(),
    type: z.enum(['call', 'put'], { error: "must be 'call' or 'put'" }).optional(),
    size: nonZeroAmountInput.openapi({ description: 'Base units, negative = short; not zero.' }),
    chain,
  })
  .superRefine((option, context) => {
    for (const field of INSTRUMENT_FIELDS) {
      const wanted = option.market === undefined;
      if ((option[field] !== undefined) === wanted) continue;
      const message = wanted ? 'is required without `market`' : 'is said by `market` already';
      context.addIssue({ code: 'custom', path: [field], message });
    }
  })
  .openapi('OptionPositionInput');

const futureInput = z
  .strictObject({
    kind: z.literal('future'),
    id: identifier.openapi({ example: 'f1' }),
    market: z
      .string()
      .refine((name) => parseFuture(name) !== null, 'must look like BTC-20260327')
      .openapi({ example: 'BTC-20260327', description: 'Asset and day of expiry (08:00 UTC).' }),
    size: nonZeroAmountInput.openapi({ description: 'As of a perp; not zero.' }),
    entryPrice: positiveAmountInput.openapi({
      description: 'Average entry price, or the last settlement where the venue settles daily.',
    }),
    chain,
  })
  .openapi('FuturePositionInput');

const loanInput = z
  .strictObject({
    kind: z.literal('loan'),
    id: identifier.openapi({ example: 'l1' }),
    market: z.string().min(1).max(64).openapi({
      example: 'ETH-SPOT',
      description: 'Collateral market of the asset that is owed.',
    }),
    amount: positiveAmountInput.openapi({ description: 'Owed, with its interest.' }),
    chain,
  })
  .openapi('LoanPositionInput');

const INPUTS = [perpInput, collateralInput, optionInput, futureInput, loanInput] as const;
const positionInput = z.discriminatedUnion('kind', INPUTS, {
  error: (issue) =>
    typeof issue.input === 'object' && issue.input !== null
      ? "must be 'perp', 'collateral', 'option', 'future' or 'loan'"
      : 'must be an object',
});
export type PositionInput = z.infer<typeof positionInput>;

/** Positions with distinct ids; the field names in problems are relative to the list. */
export const positionsInput = z
  .array(positionInput)
  .max(MAX_POSITIONS, `must have at most ${MAX_POSITIONS} positions`)
  .superRefine((positions, context) => {
    const first = new Map<string, number>();
    positions.forEach(({ id }, index) => {
      const earlier = first.get(id);
      if (earlier === undefined) first.set(id, index);
      else {
        context.addIssue({
          code: 'custom',
          path: [index, 'id'],
          message: `is the id of element ${earlier} already`,
        });
      }
    });
  });

/** A whole book: settled quote balance and every position. */
export const bookFields = {
  cash: amountInput.openapi({ description: 'Settled quote balance; may be negative.', example: '10000' }),
  positions: positionsInput,
};

export const sequenceInput = z.int('must be an integer from 0 to 2^53-1').min(0).openapi({
  description: 'Grows with every update of the account; an older one is refused.',
  example: 1,
});

export const putPositionsBody = z
  .strictObject({ sequence: sequenceInput, ...bookFields })
  .openapi('PutPositions');

export const simulateBody = z.strictObject(bookFields).openapi('SimulateMargin');

export type BookInput = z.infer<typeof simulateBody>;

/** The book as the risk modules read it; exact. */
export function portfolioOf(accountId: string, book: BookInput): AnyPortfolio {
  return {
    accountId,
    cashWad: wadFromDecimal(book.cash, 'cash'),
    positions: book.positions.map((position, index) => toPosition(position, `positions[${index}]`)),
  };
}

/** @throws InvalidInputError naming `field`. */
export function toPosition(position: PositionInput, field: string): AnyPosition {
  const { id } = position;
  const chainId = position.chain ?? null;
  switch (position.kind) {
    case 'collateral': {
      const amountWad = wadFromDecimal(position.amount, `${field}.amount`);
      return { kind: 'collateral', id, asset: position.asset, amountWad, chain: chainId };
    }
    case 'loan': {
      const amountWad = wadFromDecimal(position.amount, `${field}.amount`);
      return { kind: 'loan', id, market: position.market, amountWad, chain: chainId };
    }
    case 'option': {
      const sizeWad = wadFromDecimal(position.size, `${field}.size`);
      return { kind: 'option', id, market: instrumentOf(position, field), sizeWad, chain: chainId };
    }
    case 'future': {
      const sizeWad = wadFromDecimal(position.size, `${field}.size`);
      const entryPriceWad = wadFromDecimal(position.entryPrice, `${field}.entryPrice`);
      return { kind: 'future', id, market: position.market, sizeWad, entryPriceWad, chain: chainId };
    }
    case 'perp':
      return {
        kind: 'perp',
        id,
        market: position.market,
        sizeWad: wadFromDecimal(position.size, `${field}.size`),
        entryPriceWad: wadFromDecimal(position.entryPrice, `${field}.entryPrice`),
        unsettledFundingWad: wadFromDecimal(position.unsettledFunding ?? '0', `${field}.unsettledFunding`),
        ...(position.fundingFrom !== undefined && { fundingFromMs: Date.parse(position.fundingFrom) }),
        chain: chainId,
      };
  }
}

/** The name of the instrument, whichever way it was said. */
function instrumentOf(option: z.infer<typeof optionInput>, field: string): string {
  if (option.market !== undefined) return option.market;
  // The schema has seen that all four are there.
  const strike = wadToDecimal(wadFromDecimal(option.strike!, `${field}.strike`));
  return instrumentName({
    underlying: option.underlying!,
    expiryMs: Date.parse(option.expiry!),
    strike,
    type: option.type!,
  });
}
