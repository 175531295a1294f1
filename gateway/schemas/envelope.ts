import { z } from '@hono/zod-openapi';
import type { RobustPrice } from '../../oracles/price.ts';
import type { Reason } from '../../risk/market/verdict.ts';
import type { HistoryBasis, RiskBasis } from '../app/ports.ts';
import type { StoredVenueData } from '../engine/venue-data.ts';
import { iso, orNull, reasonDto, reasonSchema, timestamp } from './common.ts';
import { modelVersions } from './forecast.ts';
import { usedPriceDto, usedPriceSchema } from './price.ts';
import { usedVenueDataDto, usedVenueDataSchema } from './stored-venue-data.ts';

const historySchema = z
  .object({
    horizonHours: z.number(),
    rows: z.int().openapi({ description: 'Past horizons with what was forecast for each.' }),
    stressedRows: z.int(),
    from: timestamp,
    asOf: timestamp.openapi({ description: 'End of the last one.' }),
  })
  .openapi('ReturnHistory');

/** What every risk answer carries, whatever it is about. */
export const envelopeFields = {
  asOf: timestamp.openapi({ description: 'Market time of the snapshot behind the answer.' }),
  validUntil: timestamp.openapi({ description: 'Do not act on the answer after this market time.' }),
  stale: z.boolean().openapi({
    description:
      'True past validUntil and while a price it needs is missing or refused; `reasons` say which.',
  }),
  reasons: z.array(reasonSchema),
  prices: z.array(usedPriceSchema),
  venueData: z.array(usedVenueDataSchema).openapi({
    description: 'Surfaces and other data that venues pushed for what the book holds.',
  }),
  history: orNull(historySchema, 'Returns that the module simulated from; null for modules that do not.'),
  modelVersion: z.string().nullable().openapi({
    description: 'Volatility models behind it, `name@version`, comma-separated; null when none was read.',
    example: 'logHAR@1',
  }),
  moduleId: z.string().openapi({ example: 'standard' }),
  moduleVersion: z.string(),
  parametersHash: z.string(),
};
export const envelopeSchema = z.object(envelopeFields);
export type EnvelopeDto = z.infer<typeof envelopeSchema>;

/** Makes the envelope; `nowMs` is market time, `priceValidForMs` how long a robust price is current. */
export function envelopeDto(
  basis: RiskBasis,
  nowMs: number,
  priceValidForMs: number,
  remarks: readonly Reason[],
): EnvelopeDto {
  return {
    ...validityDto(basis, nowMs, priceValidForMs, remarks),
    prices: basis.prices.map((price) => usedPriceDto(price, nowMs)),
    ...originDto(basis, nowMs),
  };
}

/** Of when the answer is and whether it may be taken as current: what stands before the prices. */
export function validityDto(
  basis: RiskBasis,
  nowMs: number,
  priceValidForMs: number,
  remarks: readonly Reason[],
) {
  const staleness = [
    ...(nowMs > basis.validUntilMs
      ? [{ code: 'answer-expired', message: `valid until ${iso(basis.validUntilMs)}, it is ${iso(nowMs)}` }]
      : []),
    ...basis.missingFeeds.map((feedId) => ({
      code: 'price-missing',
      message: `there is no price of ${feedId}`,
      subject: feedId,
    })),
    ...basis.prices.flatMap((price) => priceProblems(price, nowMs, priceValidForMs)),
    ...basis.venueData.flatMap((entry) => venueDataProblems(entry, nowMs)),
  ];
  return {
    asOf: iso(basis.asOfMs),
    validUntil: iso(basis.validUntilMs),
    stale: staleness.length > 0,
    reasons: [...staleness, ...remarks].map(reasonDto),
  };
}

/** What else it was made from: what stands after the prices. */
export function originDto(basis: RiskBasis, nowMs: number) {
  return {
    venueData: basis.venueData.map((entry) => usedVenueDataDto(entry, nowMs)),
    history: basis.history === null ? null : historyDto(basis.history),
    modelVersion: modelVersions(basis.volatility),
    moduleId: basis.moduleId,
    moduleVersion: basis.moduleVersion,
    parametersHash: basis.parametersHash,
  };
}

function historyDto({ horizonHours, rows, stressedRows, fromMs, asOfMs }: HistoryBasis) {
  return { horizonHours, rows, stressedRows, from: iso(fromMs), asOf: iso(asOfMs) };
}

/** Data of a perp that are too old leave an answer that holds: the module takes them against the account, and says so. */
function venueDataProblems({ market, asOfMs, maxAgeMs, data }: StoredVenueData, nowMs: number): Reason[] {
  if (nowMs - asOfMs <= maxAgeMs || (data.expiries === null && data.settlements === undefined)) return [];
  const message = `the data of ${market} were made at ${iso(asOfMs)} and count for ${maxAgeMs / 1000} s`;
  return [{ code: 'venue-data-stale', message, subject: market }];
}

/** Why an answer that used this price must not be taken as current. */
function priceProblems(price: RobustPrice, nowMs: number, validForMs: number): Reason[] {
  const subject = price.feedId;
  const found: Reason[] = [];
  if (nowMs > price.asOfMs + validForMs) {
    found.push({
      code: 'price-expired',
      message: `${subject} was last formed at ${iso(price.asOfMs)}`,
      subject,
    });
  }
  if (!price.verdicts.margin.usable || price.market === null) {
    const codes = price.verdicts.margin.reasons.map((reason) => reason.code).join(', ');
    const why = codes === '' ? '' : `: ${codes}`;
    const what = price.market === null ? 'has no price' : 'is refused for margin';
    found.push({ code: 'price-refused', message: `${subject} ${what}${why}`, subject });
  }
  return found;
}
