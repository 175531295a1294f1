import { z } from '@hono/zod-openapi';
import type { AnyPosition } from '../../risk/portfolio/portfolio.ts';
import { wadToDecimal } from '../../risk/units/wad.ts';
import { parseInstrument } from '../engine/instruments.ts';
import { amount, iso, timestamp } from './common.ts';

const chainSchema = z.string().nullable();

const perpSchema = z
  .object({
    kind: z.literal('perp'),
    id: z.string(),
    market: z.string(),
    size: amount,
    entryPrice: amount,
    unsettledFunding: amount,
    fundingFrom: timestamp.optional().openapi({ description: 'As it was told; absent where it was not.' }),
    chain: chainSchema,
  })
  .openapi('PerpPosition');

const collateralSchema = z
  .object({ kind: z.literal('collateral'), id: z.string(), asset: z.string(), amount, chain: chainSchema })
  .openapi('CollateralPosition');

const optionSchema = z
  .object({
    kind: z.literal('option'),
    id: z.string(),
    market: z.string(),
    underlying: z.string(),
    expiry: timestamp,
    strike: amount,
    type: z.enum(['call', 'put']),
    size: amount,
    chain: chainSchema,
  })
  .openapi('OptionPosition');

const futureSchema = z
  .object({
    kind: z.literal('future'),
    id: z.string(),
    market: z.string(),
    size: amount,
    entryPrice: amount,
    chain: chainSchema,
  })
  .openapi('FuturePosition');

const loanSchema = z
  .object({ kind: z.literal('loan'), id: z.string(), market: z.string(), amount, chain: chainSchema })
  .openapi('LoanPosition');

export const positionSchema = z.discriminatedUnion('kind', [
  perpSchema,
  collateralSchema,
  optionSchema,
  futureSchema,
  loanSchema,
]);

export function positionDto(position: AnyPosition): z.infer<typeof positionSchema> {
  const { id, chain: chainId } = position;
  switch (position.kind) {
    case 'collateral': {
      const { asset, amountWad } = position;
      return { kind: 'collateral', id, asset, amount: wadToDecimal(amountWad), chain: chainId };
    }
    case 'loan': {
      const { market, amountWad } = position;
      return { kind: 'loan', id, market, amount: wadToDecimal(amountWad), chain: chainId };
    }
    case 'option': {
      const { market, sizeWad } = position;
      // Only names that parse are stored.
      const { underlying, expiryMs, strike, type } = parseInstrument(market)!;
      const size = wadToDecimal(sizeWad);
      return {
        kind: 'option',
        id,
        market,
        underlying,
        expiry: iso(expiryMs),
        strike,
        type,
        size,
        chain: chainId,
      };
    }
    case 'future': {
      const { market, sizeWad, entryPriceWad } = position;
      const entryPrice = wadToDecimal(entryPriceWad);
      return { kind: 'future', id, market, size: wadToDecimal(sizeWad), entryPrice, chain: chainId };
    }
    case 'perp':
      return {
        kind: 'perp',
        id,
        market: position.market,
        size: wadToDecimal(position.sizeWad),
        entryPrice: wadToDecimal(position.entryPriceWad),
        unsettledFunding: wadToDecimal(position.unsettledFundingWad),
        ...(position.fundingFromMs !== undefined && { fundingFrom: iso(position.fundingFromMs) }),
        chain: chainId,
      };
  }
}
