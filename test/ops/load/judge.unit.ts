import { describe, expect, it } from 'vitest';
import { judge } from '../../../ops/load/judge.ts';
import type { LoadResult } from '../../../ops/load/load.ts';
import { growthFromHalf } from '../../../ops/load/memory.ts';
import { OperationTally } from '../../../ops/load/tally.ts';

const tally = (...outcomes: readonly (readonly [string, number])[]) => {
  const made = new OperationTally();
  for (const [outcome, count] of outcomes) {
    for (let n = 1; n <= count; n += 1) made.take(outcome, n, `{"status":${outcome}}`);
  }
  return made;
};

const GOOD: LoadResult = {
  seconds: 600,
  tallies: new Map([['margin', tally(['200', 100])]]),
  greedy: tally(['200', 660], ['429', 1740]),
  greedyQuota: 60,
  parts: [
    { name: 'gateway-1', judged: true, cores: 0.1, half: 100e6, end: 105e6, growth: 0.05 },
    { name: 'redis', judged: false, cores: 0.1, half: 100e6, end: 200e6, growth: 1 },
  ],
  generatorCores: 0.1,
  machineCores: 1,
  streams: [{ events: 3, broken: null }],
  lost: [],
  accounts: 10,
  ended: [],
};

const failures = (over: Partial<LoadResult>) =>
  judge({ ...GOOD, ...over })
    .filter(({ passed }) => !passed)
    .map(({ name }) => name);

describe('the verdict of a load', () => {
  it('passes a run without errors, refused beyond the quota alone, whose programs keep their size', () => {
    expect(failures({})).toEqual([]);
    expect(judge(GOOD)).toHaveLength(8);
  });

  it.each<readonly [string, Partial<LoadResult>]>([
    ['margin: no error', { tallies: new Map([['margin', tally(['200', 99], ['503', 1])]]) }],
    ['margin: no error', { tallies: new Map([['margin', tally(['200', 99], ['429', 1])]]) }],
    ['margin: no error', { tallies: new Map([['margin', tally(['200', 99], ['ECONNRESET', 1])]]) }],
    ['margin: no error', { tallies: new Map([['margin', tally()]]) }],
    ['quota: the greedy client is refused', { greedy: tally(['200', 660]) }],
    ['quota: and served within it', { greedy: tally(['200', 721], ['429', 1]) }],
    ['quota: and served within it', { greedy: tally(['429', 1]) }],
    ['quota: and told nothing else', { greedy: tally(['200', 5], ['429', 5], ['500', 1]) }],
    [
      'memory of gateway-1 within 5 % of half time',
      { parts: [{ ...GOOD.parts[0]!, end: 105.1e6, growth: 0.051 }] },
    ],
    [
      'memory of gateway-1 within 5 % of half time',
      { parts: [{ ...GOOD.parts[0]!, end: Number.NaN, growth: Number.NaN }] },
    ],
    ['event streams stay open and are served', { streams: [{ events: 3, broken: 'the server ended it' }] }],
    ['event streams stay open and are served', { streams: [{ events: 0, broken: null }] }],
    ['every acknowledged book is there on both gateways', { lost: ['account-1 on http://127.0.0.1:1'] }],
    ['no program ended', { ended: ['worker-1 (killed)'] }],
  ])('fails at: %s', (name, over) => {
    expect(failures(over)).toEqual([name]);
  });
});

describe('what is measured', () => {
  it('the largest latency that all but one per cent stay below, and errors apart from deliberate ones', () => {
    const made = tally(['200', 1000]);
    expect([made.medianMs, made.percentile(0.99)]).toEqual([500.5, 991]);
    const mixed = tally(['200', 2], ['429', 3], ['503', 1]);
    expect([mixed.answered, mixed.errors(), mixed.errors(['429'])]).toEqual([6, 4, 1]);
    expect(mixed.examples.get('503')).toBe('{"status":503}');
  });

  it('growth between the medians of two tenths of the run, whatever single samples swing to', () => {
    const samples = Array.from({ length: 100 }, (_, at) => ({
      atMs: at + 1,
      bytes: (at % 7 === 0 ? 500 : 0) + (at < 50 ? 100 : 104),
    }));
    expect(growthFromHalf(samples, 0, 100)).toEqual({ half: 100, end: 104, growth: 104 / 100 - 1 });
  });
});
