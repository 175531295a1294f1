import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noVectors, vectorsOf } from '../conformance/files.ts';
import { judge } from './answer.ts';
import { type CaseQuote, type IncidentCase, readCases } from './case.ts';
import { ours } from './ours.ts';
import { faultsOf } from './play.ts';
import { Draw, decimal } from './variations.ts';

type Price = (text: string) => string;

/** The case with every price changed alike; times, depths and shares stay. */
function withPrices(incident: IncidentCase, all: Price, each: Price = (text) => text): IncidentCase {
  const { quotes, context, truth } = incident;
  const orNull = (text: string | null) => (text === null ? null : all(text));
  const { lastGood, ema1h, exchangeRateAnchor: anchor, otherChains } = context;
  return {
    ...incident,
    quotes: quotes.map((quote) => ({
      ...quote,
      price: each(all(quote.price)),
      confidence: orNull(quote.confidence),
      bounds: quote.bounds && { min: orNull(quote.bounds.min), max: orNull(quote.bounds.max) },
      samples: quote.samples?.map((sample) => ({ ...sample, price: all(sample.price) })) ?? null,
    })),
    context: {
      ...context,
      lastGood: lastGood && { ...lastGood, price: all(lastGood.price) },
      ema1h: orNull(ema1h),
      exchangeRateAnchor: anchor && { ...anchor, price: all(anchor.price) },
      otherChains: otherChains?.map((other) => ({ ...other, price: all(other.price) })) ?? null,
    },
    truth: { low: all(truth.low), high: all(truth.high) },
  };
}

const times =
  (factor: number): Price =>
  (text) =>
    decimal(Number(text) * factor || 0);

function later(incident: IncidentCase, seconds: number): IncidentCase {
  const { quotes, context, now } = incident;
  const { lastGood, exchangeRateAnchor: anchor, otherChains } = context;
  return {
    ...incident,
    now: now + seconds,
    quotes: quotes.map((quote) => ({
      ...quote,
      publishTime: quote.publishTime + seconds,
      legs: quote.legs?.map((leg) => ({ ...leg, publishTime: leg.publishTime + seconds })) ?? null,
    })),
    context: {
      ...context,
      lastGood: lastGood && { ...lastGood, time: lastGood.time + seconds },
      exchangeRateAnchor: anchor && { ...anchor, time: anchor.time + seconds },
      otherChains:
        otherChains?.map((other) => ({ ...other, publishTime: other.publishTime + seconds })) ?? null,
    },
  };
}

/** One more name for a source that is there already: of the same group, so no more votes. */
const again = (quote: CaseQuote): CaseQuote => ({ ...quote, source: `${quote.source} again` });

const CHANGES: Readonly<Record<string, (incident: IncidentCase, draw: Draw) => IncidentCase>> = {
  'a thousandth of every price': (incident) => withPrices(incident, times(0.001)),
  'a thousandfold': (incident) => withPrices(incident, times(1000)),
  'in another unit': (incident, draw) => withPrices(incident, times(draw.log(0.01, 100))),
  'jitter of a few basis points': (incident, draw) =>
    withPrices(incident, times(1), (text) => times(draw.uniform(0.9997, 1.0003))(text)),
  'two years later': (incident) => later(incident, 63_072_000),
  'sources in another order': (incident) => ({ ...incident, quotes: [...incident.quotes].reverse() }),
  'every source under two names': (incident) => ({
    ...incident,
    quotes: incident.quotes.flatMap((quote) => [quote, again(quote)]),
  }),
};

describe.skipIf(noVectors('incidents'))('incidents with something changed that does not matter', () => {
  const cases = () => readCases(join(vectorsOf('incidents'), 'cases.json'));
  it.each(Object.keys(CHANGES))('%s', (name) => {
    const wrong = cases().flatMap((incident) => {
      const changed = CHANGES[name]!(incident, new Draw(7, incident.id));
      const faults = faultsOf(judge(changed, ours(changed)));
      return faults.length === 0 ? [] : [`${incident.id}: ${faults.join(' ')}`];
    });
    expect(wrong).toEqual([]);
  });
});
