import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judge } from './answer.ts';
import { parseCases, readCases } from './case.ts';
import { variations } from './generate.ts';
import { ours } from './ours.ts';
import { faultsOf } from './play.ts';

const written = (seed: number, perFamily: number) =>
  parseCases(JSON.stringify(variations(seed, perFamily)), `seed ${seed}`);

describe('cases that were not at hand when the limits were chosen', () => {
  it.each([11, 12, 13])('mechanisms of known incidents with everything else drawn, seed %i', (seed) => {
    const cases = written(seed, 10);
    expect(cases.length).toBeGreaterThan(300);
    const wrong = cases.flatMap((incident) => {
      const faults = faultsOf(judge(incident, ours(incident)));
      return faults.length === 0 ? [] : [`${incident.id}: ${faults.join(' ')}`];
    });
    expect(wrong).toEqual([]);
  });

  it('other public incidents, each with its source', () => {
    const file = 'test/incidents/other-incidents.json';
    const cases = readCases(file);
    const sources: { source: string }[] = JSON.parse(readFileSync(file, 'utf8'));
    expect(cases.length).toBeGreaterThanOrEqual(30);
    expect(sources.every(({ source }) => /^https?:\/\//.test(source))).toBe(true);
    const wrong = cases.flatMap((incident) => {
      const faults = faultsOf(judge(incident, ours(incident)));
      return faults.length === 0 ? [] : [`${incident.id}: ${faults.join(' ')}`];
    });
    expect(wrong).toEqual([]);
  });

  it('are the same ones from the same seed, and others from another', () => {
    expect(variations(1, 1)).toEqual(variations(1, 1));
    expect(variations(1, 1)).not.toEqual(variations(2, 1));
  });
});
