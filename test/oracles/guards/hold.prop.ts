import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateFeed } from '../../../oracles/aggregation/evaluate.ts';
import { ASSET_CLASSES, CLASS_LIMITS } from '../../../oracles/config/classes.ts';
import { advanceHolds, NO_HOLDS } from '../../../oracles/guards/hold.ts';
import { GUARD_LIMITS } from '../../../oracles/guards/limits.ts';
import { EMPTY_MEMORY } from '../../../oracles/guards/memory.ts';
import { PURPOSES, type Purpose } from '../../../risk/market/verdict.ts';
import { NOW, quote } from '../support/feeds.ts';
import { observedFeed, playPrices } from '../support/observed.ts';

const HOLD_MS = GUARD_LIMITS.holdSeconds * 1000;
const DEEP = { liquidityUsd: 10_000_000 };
const same = (price: number, count = 3) => Array.from({ length: count }, () => price);

/** Times at which a verdict changed, in their order. */
function changes(answers: ReturnType<typeof playPrices>, purpose: Purpose) {
  return answers.flatMap(({ verdicts, asOfMs }, index) => {
    const before = answers[index - 1]?.verdicts[purpose].usable;
    return before === undefined || before === verdicts[purpose].usable
      ? []
      : [{ atMs: asOfMs, opened: verdicts[purpose].usable }];
  });
}

describe('hysteresis', () => {
  it('a price that swings around the jump limit changes a verdict once, not with every swing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ASSET_CLASSES),
        fc.array(
          fc.record({
            share: fc.double({ min: 0.85, max: 1.15, noNaN: true }),
            seconds: fc.integer({ min: 1, max: 59 }),
          }),
          { minLength: 10, maxLength: 40 },
        ),
        (assetClass, swings) => {
          const { jumpBps } = CLASS_LIMITS[assetClass];
          let atMs = NOW;
          const steps = [{ atMs, prices: same(100) }];
          for (const { share, seconds } of swings) {
            atMs += seconds * 1000;
            steps.push({ atMs, prices: same(100 * (1 + (jumpBps / 10_000) * share)) });
          }
          // The limit is against what is remembered: here that stands still, so that only the quotes swing.
          const config = observedFeed(assetClass, 3);
          const memory = { ...EMPTY_MEMORY, ema1hWad: 100n * 10n ** 18n };
          let holds = NO_HOLDS;
          const answers = steps.map((step) => {
            const still = { ...memory, holds };
            const [answer] = playPrices(config, [step], DEEP, still);
            holds = advanceHolds(holds, answer!.verdicts, step.atMs);
            return answer!;
          });
          for (const purpose of PURPOSES) expect(changes(answers, purpose).length).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('opens at most once per hold period, whatever the quotes do, and only after a whole one without a reason', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ASSET_CLASSES),
        fc.array(
          fc.record({
            price: fc.constantFrom(100, 100.5, 101.6, 102.1, 104, 108.1, 115, 85),
            groups: fc.integer({ min: 1, max: 4 }),
            seconds: fc.integer({ min: 1, max: 200 }),
          }),
          { minLength: 5, maxLength: 40 },
        ),
        (assetClass, swings) => {
          let atMs = NOW;
          const steps = swings.map(({ price, groups, seconds }) => {
            atMs += seconds * 1000;
            return { atMs, prices: same(price, groups) };
          });
          const answers = playPrices(observedFeed(assetClass, 4), steps, DEEP);
          for (const purpose of PURPOSES) {
            const all = changes(answers, purpose);
            all.forEach(({ atMs: openedAt, opened }, index) => {
              const closedAt = all[index - 1]?.atMs;
              if (!opened || closedAt === undefined) return;
              expect(openedAt - closedAt).toBeGreaterThanOrEqual(HOLD_MS);
              const refusedSince = answers.filter(
                (answer) =>
                  answer.asOfMs > openedAt - HOLD_MS &&
                  answer.asOfMs < openedAt &&
                  !answer.verdicts[purpose].usable &&
                  answer.verdicts[purpose].reasons[0]!.code !== 'hold',
              );
              expect(refusedSince).toEqual([]);
            });
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('never leaves open what the guards alone close, and never changes the price', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ASSET_CLASSES),
        fc.array(fc.double({ min: 80, max: 120, noNaN: true }), { minLength: 1, maxLength: 5 }),
        fc.double({ min: 80, max: 120, noNaN: true }),
        fc.array(fc.option(fc.integer({ min: 0, max: 200 })), { minLength: 3, maxLength: 3 }),
        (assetClass, prices, average, held) => {
          const config = observedFeed(assetClass, 5);
          const hold = (index: number) => {
            const seconds = held[index] ?? null;
            return { opened: true, refusedAtMs: seconds === null ? null : NOW - seconds * 1000 };
          };
          const holds = { open: hold(0), margin: hold(1), liquidate: hold(2) };
          const ema1hWad = BigInt(Math.round(average * 1e8)) * 10n ** 10n;
          const ask = (memory: object) =>
            evaluateFeed(
              config,
              prices.map((price, index) => quote(config, `s:${index}`, price, { details: DEEP })),
              NOW,
              { quotePrices: new Map(), memory: { ...EMPTY_MEMORY, ema1hWad, ...memory } },
            );
          const raw = ask({});
          const after = ask({ holds });
          expect(after.market?.priceWad).toBe(raw.market?.priceWad);
          for (const purpose of PURPOSES) {
            if (!raw.verdicts[purpose].usable) expect(after.verdicts[purpose]).toEqual(raw.verdicts[purpose]);
            if (holds[purpose].refusedAtMs === null)
              expect(after.verdicts[purpose]).toEqual(raw.verdicts[purpose]);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('recovery', () => {
  it('however far and however often a price jumps, every verdict is back a day after it came to rest', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ASSET_CLASSES),
        fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (assetClass, factors, deep) => {
          const details = deep ? DEEP : {};
          const steps = [{ atMs: NOW, prices: same(100, 4) }];
          let price = 100;
          for (const factor of factors) {
            // Within the feed's plausibility bounds, which no move leaves.
            price = Math.min(1e7, Math.max(1e-4, price * factor));
            steps.push({ atMs: steps.at(-1)!.atMs + 60_000, prices: same(price, 4) });
          }
          const restedAt = steps.at(-1)!.atMs;
          for (let minutes = 10; minutes <= 26 * 60; minutes += 10)
            steps.push({ atMs: restedAt + minutes * 60_000, prices: same(price, 4) });
          const answers = playPrices(observedFeed(assetClass, 4), steps, details);
          // The longest wait is for the last good price to be forgotten, then for the hold.
          const usable = PURPOSES.map((purpose) => answers.at(-1)!.verdicts[purpose].usable);
          expect(usable).toEqual([true, true, true]);
        },
      ),
      { numRuns: 100 },
    );
  });
});
