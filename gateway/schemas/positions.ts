import { z } from '@hono/zod-openapi';
import type { Portfolio, Position } from '../../risk/portfolio/portfolio.ts';
import { wadFromDecimal, wadToDecimal } from '../../risk/units/wad.ts';
import { amount, amountInput, identifier, nonZeroAmountInput, positiveAmountInput } from './common.ts';

export const MAX_POSITIONS = 10_000;

const chain = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 of a-z, 0-9, -')
  .nullable()
  .optional()
  .openapi({
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

const positionInput = z.discriminatedUnion('kind', [perpInput, collateralInput], {
  error: (issue) =>
    typeof issue.input === 'object' && issue.input !== null
      ? "must be 'perp' or 'collateral'"
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
export function portfolioOf(accountId: string, book: BookInput): Portfolio {
  return {
    accountId,
    cashWad: wadFromDecimal(book.cash, 'cash'),
    positions: book.positions.map((position, index) => toPosition(position, `positions[${index}]`)),
  };
}

/** @throws InvalidInputError naming `field`. */
export function toPosition(position: PositionInput, field: string): Position {
  const { id } = position;
  const chainId = position.chain ?? null;
  if (position.kind === 'collateral') {
    const amountWad = wadFromDecimal(position.amount, `${field}.amount`);
    return { kind: 'collateral', id, asset: position.asset, amountWad, chain: chainId };
  }
  return {
    kind: 'perp',
    id,
    market: position.market,
    sizeWad: wadFromDecimal(position.size, `${field}.size`),
    entryPriceWad: wadFromDecimal(position.entryPrice, `${field}.entryPrice`),
    unsettledFundingWad: wadFromDecimal(position.unsettledFunding ?? '0', `${field}.unsettledFunding`),
    chain: chainId,
  };
}

const perpSchema = z
  .object({
    kind: z.literal('perp'),
    id: z.string(),
    market: z.string(),
    size: amount,
    entryPrice: amount,
    unsettledFunding: amount,
    chain: z.string().nullable(),
  })
  .openapi('PerpPosition');

const collateralSchema = z
  .object({
    kind: z.literal('collateral'),
    id: z.string(),
    asset: z.string(),
    amount,
    chain: z.string().nullable(),
  })
  .openapi('CollateralPosition');

export const positionSchema = z.discriminatedUnion('kind', [perpSchema, collateralSchema]);

export function positionDto(position: Position): z.infer<typeof positionSchema> {
  const { id, chain: chainId } = position;
  return position.kind === 'collateral'
    ? {
        kind: 'collateral',
        id,
        asset: position.asset,
        amount: wadToDecimal(position.amountWad),
        chain: chainId,
      }
    : {
        kind: 'perp',
        id,
        market: position.market,
        size: wadToDecimal(position.sizeWad),
        entryPrice: wadToDecimal(position.entryPriceWad),
        unsettledFunding: wadToDecimal(position.unsettledFundingWad),
        chain: chainId,
      };
}
