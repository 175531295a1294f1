import { describe, expect, it } from 'vitest';
import { checkAnchor, growthLimit } from '../../../oracles/guards/anchor.ts';
import { checkJump, checkOtherChains, historyConfirms } from '../../../oracles/guards/history.ts';
import { advanceMemory, EMPTY_MEMORY, type FeedMemory, notAhead } from '../../../oracles/guards/memory.ts';
import { NOW } from '../support/feeds.ts';
import { usd } from '../support/figures.ts';

const HOUR = 3_600_000;
const memory = (over: Partial<FeedMemory>): FeedMemory => ({ ...EMPTY_MEMORY, ...over });

describe('jump', () => {
  it('compares with the hourly average, a fall by as much as a rise', () => {
    const known = memory({ ema1hWad: usd(100) });
    expect(checkJump(usd(108), known, 800, NOW)).toBeNull();
    expect(checkJump(usd(108.01), known, 800, NOW)?.message).toBe(
      '801 bp from the hourly average, the limit is 800 bp',
    );
    expect(checkJump(usd(100 / 1.08 + 0.001), known, 800, NOW)).toBeNull();
    expect(checkJump(usd(92), known, 800, NOW)?.code).toBe('jump');
  });

  it('gives the last good price room with the square root of its age, and forgets it after a day', () => {
    const aged = (hours: number) => memory({ lastGood: { priceWad: usd(100), atMs: NOW - hours * HOUR } });
    expect(checkJump(usd(116), aged(4), 800, NOW)).toBeNull();
    expect(checkJump(usd(116.01), aged(4), 800, NOW)?.message).toContain('the limit is 1600 bp');
    expect(checkJump(usd(500), aged(25), 800, NOW)).toBeNull();
    expect(checkJump(usd(500), aged(-1), 800, NOW)).toBeNull();
  });

  it('history confirms only where there is any, and all of it', () => {
    const both = memory({ ema1hWad: usd(100), lastGood: { priceWad: usd(110), atMs: NOW } });
    expect(historyConfirms(usd(100), both, 300, NOW)).toBe(false);
    expect(historyConfirms(usd(100), memory({ ema1hWad: usd(103) }), 300, NOW)).toBe(true);
    expect(historyConfirms(usd(100), EMPTY_MEMORY, 300, NOW)).toBe(false);
  });
});

describe('an average', () => {
  it('of less than ten minutes confirms nothing, but a jump from it is one', () => {
    const since = (ageMs: number | null) =>
      memory({ ema1hWad: usd(100), averageSinceMs: ageMs === null ? null : NOW - ageMs });
    const confirms = (ageMs: number | null) => historyConfirms(usd(100), since(ageMs), 300, NOW);
    expect([confirms(0), confirms(599_999), confirms(600_000), confirms(null)]).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(checkJump(usd(120), since(0), 800, NOW)?.code).toBe('jump');
  });
});

describe('other chains and exchange rates', () => {
  it('chain-skew: against fresh prices only', () => {
    const other = (ageMs: number) =>
      memory({ otherChains: [{ chain: 'hub', priceWad: usd(1), atMs: NOW - ageMs }] });
    expect(checkOtherChains(usd(1.0283), other(HOUR), 100, NOW)).toEqual([
      {
        code: 'chain-skew',
        message: '283 bp from the price on hub, the limit is 100 bp',
        measure: { value: 283, limit: 100, unit: 'bp' },
      },
    ]);
    expect(checkOtherChains(usd(1.0283), other(HOUR + 1), 100, NOW)).toEqual([]);
  });

  it('growth-cap above what the rate can have grown to, anchor below the rate', () => {
    const rate = memory({
      rateAnchor: { priceWad: usd(1), atMs: NOW - 365 * 24 * HOUR, maxYearlyGrowthBps: 1000 },
    });
    expect(Number(growthLimit(rate, NOW)) / 1e18).toBeCloseTo(1.1, 9);
    expect(checkAnchor(usd(1.11), rate, 100, NOW)).toBeNull();
    expect(checkAnchor(usd(1.112), rate, 100, NOW)?.code).toBe('growth-cap');
    expect(checkAnchor(usd(0.995), rate, 100, NOW)).toBeNull();
    expect(checkAnchor(usd(0.98), rate, 100, NOW)?.code).toBe('anchor');
    expect(checkAnchor(usd(50), EMPTY_MEMORY, 100, NOW)).toBeNull();
  });
});

const judged = (price: number, usable: boolean, asOfMs: number) => {
  const verdict = { usable, reasons: usable ? [] : [{ code: 'jump', message: '' }] };
  const verdicts = { open: verdict, margin: verdict, liquidate: verdict };
  return { market: { priceWad: usd(price) }, verdicts, asOfMs };
};

describe('memory', () => {
  it('averages every price over an hour and keeps the last good one', () => {
    const first = advanceMemory(EMPTY_MEMORY, judged(100, true, NOW));
    const next = advanceMemory(first, judged(200, false, NOW + HOUR));
    expect(Number(next.ema1hWad) / 1e18).toBeCloseTo(200 - 100 * Math.exp(-1), 6);
    expect(next.lastGood).toEqual({ priceWad: usd(100), atMs: NOW });
    expect(advanceMemory(first, judged(200, false, NOW))).toBe(first);
    expect([next.formedAtMs, next.judgedAtMs]).toEqual([NOW + HOUR, NOW + HOUR]);
  });

  it('counts from the last price that was formed where none was formed since', () => {
    const first = advanceMemory(EMPTY_MEMORY, judged(100, true, NOW));
    const silent = advanceMemory(first, { ...judged(1, false, NOW + HOUR), market: null });
    expect([silent.ema1hWad, silent.formedAtMs, silent.judgedAtMs]).toEqual([usd(100), NOW, NOW + HOUR]);
    const next = advanceMemory(silent, judged(200, true, NOW + 2 * HOUR));
    expect(Number(next.ema1hWad) / 1e18).toBeCloseTo(200 - 100 * Math.exp(-2), 6);
  });
});

describe('a clock that was set back', () => {
  const hold = (refusedAtMs: number | null) => ({ opened: true, refusedAtMs });
  const ahead = memory({
    lastGood: { priceWad: usd(100), atMs: NOW + HOUR },
    holds: { open: hold(NOW + HOUR), margin: hold(NOW - HOUR), liquidate: hold(null) },
    averageSinceMs: NOW - HOUR,
    formedAtMs: NOW + HOUR,
    judgedAtMs: NOW + HOUR,
  });

  it('turns what lies ahead into now, so that holds end and verdicts are remembered again', () => {
    const found = notAhead(ahead, NOW);
    expect(found).toEqual(
      memory({
        lastGood: { priceWad: usd(100), atMs: NOW },
        holds: { open: hold(NOW), margin: hold(NOW - HOUR), liquidate: hold(null) },
        averageSinceMs: NOW - HOUR,
        formedAtMs: NOW,
        judgedAtMs: NOW,
      }),
    );
    const good = { usable: true, reasons: [] };
    const next = advanceMemory(found, {
      market: { priceWad: usd(101) },
      verdicts: { open: good, margin: good, liquidate: good },
      asOfMs: NOW + 1,
    });
    expect([next.judgedAtMs, next.lastGood]).toEqual([NOW + 1, { priceWad: usd(101), atMs: NOW + 1 }]);
  });

  it('is told from clocks that differ a little', () => {
    const near = memory({ judgedAtMs: NOW + 5_000, formedAtMs: NOW + 5_000 });
    expect(notAhead(near, NOW)).toBe(near);
    expect(notAhead(EMPTY_MEMORY, NOW)).toBe(EMPTY_MEMORY);
    expect(notAhead(near, NOW - 1).judgedAtMs).toBe(NOW - 1);
  });
});
