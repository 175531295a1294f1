import { z } from '@hono/zod-openapi';
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

export const evidenceSchema = z
  .object({ price: priceSchema, votes: z.array(voteSchema), configHash: z.string() })
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

/** The price with all that was said for and against it. */
export function evidenceDto(price: RobustPrice, nowMs: number, validForMs: number): EvidenceDto {
  return {
    price: priceDto(price, nowMs, validForMs),
    votes: price.votes.map(voteDto),
    configHash: price.configHash,
  };
}
