import { z } from 'zod';

/** Funding by the rate that a venue tells; docs/modules/venue-terms.md. */
export const fundingSchema = z
  .strictObject({
    horizonHours: z
      .number()
      .min(0)
      .max(168)
      .default(8)
      .describe('Payments that fall due within it are charged to the side that pays, hours; 0: none'),
    maxDataAgeSeconds: z
      .number()
      .positive()
      .max(86_400)
      .default(3600)
      .describe('Age at which a funding rate gives no credit any more and is charged to both sides, seconds'),
  })
  .prefault({})
  .describe('Funding of perps by the rate that the venue tells; docs/modules/venue-terms.md');

export type FundingParameters = z.output<typeof fundingSchema>;
