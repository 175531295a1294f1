import { z } from 'zod';

/** Parameters of the charge while the settlement stablecoin is off its peg; docs/modules/standard.md. */
export const depegSchema = z
  .strictObject({
    feedId: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('Feed of the settlement stablecoin; null: no charge'),
    threshold: z
      .number()
      .min(0)
      .max(1)
      .default(0.98)
      .describe('Price of the stablecoin below which the charge starts'),
    factor: z
      .number()
      .min(0)
      .max(10)
      .default(1.2)
      .describe('Charge = (threshold - price) x factor x notional'),
  })
  .prefault({})
  .describe('Initial margin only: charge while the settlement stablecoin is off its peg');
