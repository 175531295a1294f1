import { z } from '@hono/zod-openapi';
import type { Holds } from '../../oracles/guards/hold.ts';
import type { FeedMemory } from '../../oracles/guards/memory.ts';
import type { RobustPrice, SourceVote } from '../../oracles/price.ts';
import { wadToDecimal } from '../../risk/units/wad.ts';
import { amount, finite, finiteOrNull, iso, orNull, reasonDto, reasonSchema, timestamp } from './common.ts';
import { priceDto, priceSchema } from './price.ts';
import { withoutAddresses } from './redact.ts';

const integerString = z.string().regex(/^-?\d+$/);

const quoteSchema = z
  .object({
    price: integerString.openapi({ description: 'Price = price x 10^expo in quoteAsset per base.' }),
    expo: z.int(),
    confidence: integerString,
    base: z.string(),
    quoteAsset: z.string(),
    publishTime: timestamp,
    receivedAt: timestamp,
    blockNumber: integerString.nullable(),
    blockTime: timestamp.nullable(),
    group: z.string().openapi({ description: 'Sources of one group share one vote.' }),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .openapi('Quote');

const failureSchema = z
  .object({ code: z.string(), message: z.string(), at: timestamp })
  .openapi('SourceFailure');

const voteSchema = z
  .object({
    source: z.string(),
    kind: z.string().openapi({ example: 'chainlink' }),
    chain: z.string().nullable(),
    included: z.boolean(),
    weight: z.number(),
    price: amount.nullable().openapi({ description: 'In the quote asset of the feed.' }),
    ageSeconds: z.number().nullable(),
    reasons: z.array(reasonSchema),
    quote: orNull(quoteSchema, 'What the source said; null when it failed.'),
    failure: orNull(failureSchema, 'Why it said nothing; null when it did.'),
  })
  .openapi('SourceVote');

const momentSchema = z.object({ price: amount, at: timestamp });
const holdSchema = z
  .object({ opened: z.boolean(), refusedAt: timestamp.nullable() })
  .openapi({ description: 'When a guard last closed the purpose; null while it is open.' });

const memorySchema = z
  .object({
    lastGood: orNull(momentSchema, 'Last price usable for margin.'),
    hourlyAverage: amount.nullable(),
    averageSince: timestamp.nullable(),
    sequencer: orNull(
      z.object({ up: z.boolean(), sinceSeconds: z.number() }),
      'Of the chain on which the price is used; null while nothing is wrong.',
    ),
    rateAnchor: orNull(
      z.object({ price: amount, at: timestamp, maxYearlyGrowthBps: z.number() }),
      'Exchange rate with its growth limit.',
    ),
    otherChains: z.array(z.object({ chain: z.string(), price: amount, at: timestamp })),
    holds: orNull(
      z.object({ open: holdSchema, margin: holdSchema, liquidate: holdSchema }),
      'What keeps verdicts from flapping.',
    ),
  })
  .openapi('FeedMemory');

export const evidenceSchema = z
  .object({
    price: priceSchema,
    votes: z.array(voteSchema),
    memory: orNull(memorySchema, 'What was remembered when it was judged; null where nothing was.'),
    configHash: z.string(),
  })
  .openapi('Evidence');
export type EvidenceDto = z.infer<typeof evidenceSchema>;

function voteDto(vote: SourceVote): EvidenceDto['votes'][number] {
  const { report } = vote;
  const common = report.ok ? report.quote : report.failure;
  return {
    source: vote.sourceId,
    kind: common.kind,
    chain: common.chain,
    included: vote.included,
    weight: finite(vote.weight, 'weight'),
    price: vote.priceWad === null ? null : wadToDecimal(vote.priceWad),
    ageSeconds: finiteOrNull(vote.ageMs === null ? null : vote.ageMs / 1000, 'ageSeconds'),
    reasons: vote.reasons.map(reasonDto),
    quote: report.ok
      ? {
          price: report.quote.price.toString(),
          expo: report.quote.expo,
          confidence: report.quote.confidence.toString(),
          base: report.quote.base,
          quoteAsset: report.quote.quoteAsset,
          publishTime: iso(report.quote.publishTimeMs),
          receivedAt: iso(report.quote.receivedAtMs),
          blockNumber: report.quote.blockNumber?.toString() ?? null,
          blockTime: report.quote.blockTimeMs === null ? null : iso(report.quote.blockTimeMs),
          group: report.quote.independenceGroup,
          details: Object.fromEntries(
            Object.entries(report.quote.details).map(([key, value]) => [
              key,
              typeof value === 'string' ? withoutAddresses(value) : value,
            ]),
          ),
        }
      : null,
    failure: report.ok
      ? null
      : {
          code: report.failure.code,
          message: withoutAddresses(report.failure.message),
          at: iso(report.failure.atMs),
        },
  };
}

const momentOrNull = (ms: number | null | undefined): string | null => (ms == null ? null : iso(ms));

function memoryDto(memory: FeedMemory): EvidenceDto['memory'] {
  const { lastGood, ema1hWad, averageSinceMs, sequencer, rateAnchor, otherChains, holds } = memory;
  const holdDto = ({ opened, refusedAtMs }: Holds['open']) => ({
    opened,
    refusedAt: momentOrNull(refusedAtMs),
  });
  return {
    lastGood: lastGood && { price: wadToDecimal(lastGood.priceWad), at: iso(lastGood.atMs) },
    hourlyAverage: ema1hWad === null ? null : wadToDecimal(ema1hWad),
    averageSince: momentOrNull(averageSinceMs),
    sequencer,
    rateAnchor: rateAnchor && {
      price: wadToDecimal(rateAnchor.priceWad),
      at: iso(rateAnchor.atMs),
      maxYearlyGrowthBps: rateAnchor.maxYearlyGrowthBps,
    },
    otherChains: otherChains.map(({ chain, priceWad, atMs }) => ({
      chain,
      price: wadToDecimal(priceWad),
      at: iso(atMs),
    })),
    holds: holds && {
      open: holdDto(holds.open),
      margin: holdDto(holds.margin),
      liquidate: holdDto(holds.liquidate),
    },
  };
}

/** The price with all that was said for and against it. */
export function evidenceDto(price: RobustPrice, nowMs: number, validForMs: number): EvidenceDto {
  return {
    price: priceDto(price, nowMs, validForMs),
    votes: price.votes.map(voteDto),
    memory: price.memory === undefined ? null : memoryDto(price.memory),
    configHash: price.configHash,
  };
}
