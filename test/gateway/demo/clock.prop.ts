import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MarketClock } from '../../../gateway/demo/clock.ts';

const START = Date.UTC(2025, 0, 1);

function clockAt(speed: number, maxLeadMs: number) {
  let wall = 5_000;
  const clock = new MarketClock({ startMs: START, speed, maxLeadMs, wall: () => wall });
  return { clock, pass: (ms: number) => (wall += ms) };
}

describe('MarketClock', () => {
  it('stands still until it is started, then runs at its speed', () => {
    const { clock, pass } = clockAt(60, 60_000);
    pass(10_000);
    expect(clock.nowMs()).toBe(START);
    clock.start();
    pass(500);
    expect(clock.nowMs()).toBe(START + 30_000);
  });

  it('waits for the step at the bound, and does not catch up on what it lost', () => {
    const { clock, pass } = clockAt(60, 60_000);
    clock.start();
    pass(3_000);
    expect(clock.nowMs()).toBe(START + 60_000);
    clock.complete(START + 60_000);
    expect(clock.heldMs).toBe(120_000);
    expect(clock.nowMs()).toBe(START + 60_000);
    pass(500);
    expect(clock.nowMs()).toBe(START + 90_000);
  });

  it('refuses a step of the future and one before the last', () => {
    const { clock, pass } = clockAt(60, 60_000);
    clock.start();
    pass(500);
    expect(() => clock.complete(START + 30_001)).toThrow('timeMs: is in the future of the clock');
    clock.complete(START + 30_000);
    expect(() => clock.complete(START + 29_000)).toThrow('timeMs: is before the last completed step');
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses speed %s', (speed) => {
    expect(() => clockAt(speed, 1000)).toThrow('speed: must be above 0');
  });

  it('never goes back, never leads by more than its bound, and loses or passes every market millisecond', () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 5_000 }) }),
      fc.record({ kind: fc.constant('read' as const) }),
      fc.record({ kind: fc.constant('complete' as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3600 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.array(event, { maxLength: 60 }),
        (speed, lead, events) => {
          const { clock, pass } = clockAt(speed, lead);
          clock.start();
          let last = START;
          let wall = 0;
          for (const one of events) {
            if (one.kind === 'pass') {
              pass(one.ms);
              wall += one.ms;
            } else if (one.kind === 'complete') {
              const now = clock.nowMs();
              clock.complete(Math.floor(clock.completedMs + one.part * (now - clock.completedMs)));
            }
            const now = clock.nowMs();
            expect(now).toBeGreaterThanOrEqual(last);
            expect(now - clock.completedMs).toBeLessThanOrEqual(lead);
            expect(now - START + clock.heldMs).toBeCloseTo(wall * speed, 3);
            last = now;
          }
        },
      ),
    );
  });
});
