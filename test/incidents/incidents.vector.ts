import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noVectors, vectorsOf } from '../conformance/files.ts';
import { judge } from './answer.ts';
import { type IncidentCase, readCases } from './case.ts';
import { ours } from './ours.ts';
import { faultsOf, play } from './play.ts';

describe.skipIf(noVectors('incidents'))('incidents', () => {
  const cases = () => readCases(join(vectorsOf('incidents'), 'cases.json'));

  it('every case is right by the default configuration', () => {
    const wrong = cases().flatMap((incident) => {
      const faults = faultsOf(play(incident)[0]!.judgement);
      return faults.length === 0 ? [] : [`${incident.id}: ${faults.join(' ')}`];
    });
    expect(wrong).toEqual([]);
  });

  it('no price becomes harmful when groups fail, memory is lost or depth is unknown', () => {
    const harmful: string[] = [];
    const ask = (incident: IncidentCase, change: string) => {
      if (judge(incident, ours(incident)).harmful) harmful.push(`${incident.id} ${change}`);
    };
    for (const incident of cases()) {
      const { context, quotes } = incident;
      const forgetful = { ...context, lastGood: null, ema1h: null, exchangeRateAnchor: null };
      ask({ ...incident, context: forgetful }, 'without memory');
      const unknown = quotes.map((quote) => ({ ...quote, liquidityUsd: null }));
      ask({ ...incident, quotes: unknown }, 'without depth');
      ask({ ...incident, quotes: unknown, context: forgetful }, 'without memory and depth');
      for (const group of new Set(quotes.map((quote) => quote.group))) {
        const left = quotes.filter((quote) => quote.group !== group);
        ask({ ...incident, quotes: left }, `without ${group}`);
        ask({ ...incident, quotes: left, context: forgetful }, `without memory and ${group}`);
      }
    }
    expect(harmful).toEqual([]);
  });

  it('a scaled case is answered alike: limits are shares, not amounts', () => {
    for (const incident of cases().filter(({ id }) => id.endsWith('-control'))) {
      const times = (text: string) => String((Number(text) * 4).toFixed(15));
      const scaled = {
        ...incident,
        quotes: incident.quotes.map((quote) => ({
          ...quote,
          price: times(quote.price),
          confidence: quote.confidence === null ? null : times(quote.confidence),
          bounds: null,
        })),
        context: {
          ...incident.context,
          lastGood: null,
          ema1h: times(incident.context.ema1h ?? '0'),
          exchangeRateAnchor: null,
        },
      };
      expect([incident.id, ours(scaled).usable]).toEqual([incident.id, ours(incident).usable]);
    }
  });
});
