import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ASSET_CLASSES } from '../../oracles/config/classes.ts';

const decimal = z
  .string()
  .regex(/^-?\d{1,30}(\.\d{1,60})?$/, 'must be a plain decimal string with at most 30 integer digits');
const time = z.number();
const unknown = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null);

const leg = z.object({
  source: z.string(),
  base: z.string(),
  quote: z.string(),
  op: z.enum(['mul', 'div']),
  price: decimal,
  publishTime: time,
});

const quote = z.object({
  source: z.string().default(''),
  kind: z.enum(['pyth', 'chainlink', 'dex-twap', 'dex-spot', 'cex', 'exchange-rate', 'custom']),
  group: z.string().min(1),
  price: decimal,
  confidence: unknown(decimal),
  publishTime: time,
  heartbeatSeconds: unknown(z.number().positive()),
  twapWindowSeconds: unknown(z.number()),
  liquidityUsd: unknown(z.number()),
  bounds: unknown(z.object({ min: unknown(decimal), max: unknown(decimal) })),
  /** Left out = the feed's own unit. */
  unit: unknown(z.object({ quote: z.string(), scale: z.number() })),
  samples: unknown(z.array(z.object({ time, price: decimal, liquidityUsd: unknown(z.number()) }))),
  legs: unknown(z.array(leg)),
});

const growth = z.union([decimal, z.number().nonnegative()]);
const NOTHING_KNOWN = {
  lastGood: null,
  ema1h: null,
  sequencer: null,
  exchangeRateAnchor: null,
  otherChains: null,
};
const context = z.object({
  lastGood: unknown(z.object({ price: decimal, time })),
  ema1h: unknown(decimal),
  sequencer: unknown(z.object({ up: z.boolean(), sinceSeconds: z.number() })),
  exchangeRateAnchor: unknown(z.object({ price: decimal, time, maxYearlyGrowth: growth })),
  otherChains: unknown(
    z.array(
      z.object({ chain: z.string(), source: z.string().default(''), price: decimal, publishTime: time }),
    ),
  ),
});

const wanted = unknown(z.boolean());

/** One case as in the README of the incidents vectors. Fields that it does not name are ignored. */
export const caseSchema = z.object({
  id: z.string().min(1),
  incident: z.string().default(''),
  feed: z.object({ base: z.string(), quote: z.string(), class: z.enum(ASSET_CLASSES) }),
  now: time,
  quotes: z.array(quote),
  context: context.default(NOTHING_KNOWN),
  truth: z
    .object({ low: decimal, high: decimal })
    .refine(({ low, high }) => Number(low) <= Number(high), 'low is above high'),
  expect: z.object({
    price: z.enum(['in-band', 'none', 'in-band-or-none']),
    open: wanted,
    margin: wanted,
    liquidate: wanted,
    reasonAny: z.array(z.string()).default([]),
  }),
});

export type IncidentCase = z.infer<typeof caseSchema>;
/** A case as it is written down: what is not known may be left out. */
export type WrittenCase = z.input<typeof caseSchema>;
export type CaseQuote = z.infer<typeof quote>;
export type WrittenQuote = z.input<typeof quote>;
/** What an aggregator may see of a case: nothing of what is expected. */
export type Question = Pick<IncidentCase, 'feed' | 'now' | 'quotes' | 'context'>;

/** A file that is no list of cases; every place that is wrong is named. */
export class CasesError extends Error {
  override readonly name = 'CasesError';
}

/** Field of a case as a path, with the case's own id where it has one. */
function place(value: unknown, path: readonly PropertyKey[]): string {
  const [index, ...rest] = path;
  const id = typeof index === 'number' && Array.isArray(value) ? value[index]?.id : undefined;
  const name = typeof id === 'string' ? ` (${id})` : '';
  const tail = rest.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return `[${String(index)}]${name}${tail}`;
}

/** @throws CasesError naming every place where the text does not have the form. */
export function parseCases(text: string, name: string): readonly IncidentCase[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CasesError(`${name} is not JSON: ${(error as Error).message}`);
  }
  if (!Array.isArray(value)) throw new CasesError(`${name} is not an array of cases`);
  const parsed = z.array(caseSchema).safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `  ${place(value, path)}: ${message}`);
  throw new CasesError(`${name} does not have the form of a cases file:\n${problems.join('\n')}`);
}

/** @throws CasesError */
export function readCases(file: string): readonly IncidentCase[] {
  return parseCases(readFileSync(file, 'utf8'), file);
}
