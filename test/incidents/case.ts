import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ASSET_CLASSES } from '../../oracles/config/classes.ts';

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/, 'must be a plain decimal string');
const time = z.number();

const leg = z.object({
  source: z.string(),
  base: z.string(),
  quote: z.string(),
  op: z.enum(['mul', 'div']),
  price: decimal,
  publishTime: time,
});

const quote = z.object({
  source: z.string(),
  kind: z.enum(['pyth', 'chainlink', 'dex-twap', 'dex-spot', 'cex', 'exchange-rate', 'custom']),
  group: z.string(),
  price: decimal,
  confidence: decimal.nullable(),
  publishTime: time,
  heartbeatSeconds: z.number().nullable(),
  twapWindowSeconds: z.number().nullable(),
  liquidityUsd: z.number().nullable(),
  bounds: z.object({ min: decimal.nullable(), max: decimal.nullable() }).nullable(),
  unit: z.object({ quote: z.string(), scale: z.number() }),
  samples: z.array(z.object({ time, price: decimal, liquidityUsd: z.number().nullable() })).nullish(),
  legs: z.array(leg).nullish(),
});

const context = z.object({
  lastGood: z.object({ price: decimal, time }).nullable(),
  ema1h: decimal.nullable(),
  sequencer: z.object({ up: z.boolean(), sinceSeconds: z.number() }).nullable(),
  exchangeRateAnchor: z
    .object({ price: decimal, time, maxYearlyGrowth: z.union([decimal, z.number()]) })
    .nullable(),
  otherChains: z
    .array(z.object({ chain: z.string(), source: z.string(), price: decimal, publishTime: time }))
    .nullish(),
});

const wanted = z.boolean().nullable();

/** One case as in the README of the incidents vectors. */
export const caseSchema = z.object({
  id: z.string(),
  incident: z.string(),
  feed: z.object({ base: z.string(), quote: z.string(), class: z.enum(ASSET_CLASSES) }),
  now: time,
  quotes: z.array(quote),
  context,
  truth: z.object({ low: decimal, high: decimal }),
  expect: z.object({
    price: z.enum(['in-band', 'none', 'in-band-or-none']),
    open: wanted,
    margin: wanted,
    liquidate: wanted,
    reasonAny: z.array(z.string()),
  }),
});

export type IncidentCase = z.infer<typeof caseSchema>;
export type CaseQuote = z.infer<typeof quote>;
/** What an aggregator may see of a case: nothing of what is expected. */
export type Question = Pick<IncidentCase, 'feed' | 'now' | 'quotes' | 'context'>;

/** @throws Error naming the place when the file does not have the form. */
export function readCases(file: string): readonly IncidentCase[] {
  return z.array(caseSchema).parse(JSON.parse(readFileSync(file, 'utf8')));
}
