import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advanceBuffer } from '../../../risk/buffer/advance.ts';
import { BUFFER_POLICIES, bufferSchema } from '../../../risk/buffer/parameters.ts';
import { type BufferSchedule, factorsAt } from '../../../risk/buffer/schedule.ts';
import { bufferTarget } from '../../../risk/buffer/target.ts';
import { NOW, view } from '../fixtures.ts';

const MINUTE = 60_000;
const step = fc.record({
  minutes: fc.integer({ min: 1, max: 3000 }),
  kind: fc.constantFrom('fresh', 'missing', 'stale', 'limited'),
  sigma: fc.double({ min: 0.001, max: 0.3, noNaN: true }),
});

describe('buffer schedule, any history of forecasts', () => {
  it('stays in [1, cap], keeps maintenance at or under initial, and never falls without a fresh forecast', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...BUFFER_POLICIES),
        fc.array(step, { minLength: 1, maxLength: 25 }),
        (policy, steps) => {
          const p = bufferSchema.parse({ policy });
          let schedule: BufferSchedule | null = null;
          let now = NOW;
          for (const each of steps) {
            const before: BufferSchedule | null = schedule;
            now += each.minutes * MINUTE;
            const limitations = each.kind === 'limited' ? [{ code: 'drift', message: 'x' }] : [];
            const asOfMs = each.kind === 'stale' ? now - 10 * 3_600_000 : now;
            const given = each.kind === 'missing' ? null : view('BTC', each.sigma, { asOfMs, limitations });
            schedule = advanceBuffer(before, bufferTarget('BTC', given, p, now), now, p);
            const at = factorsAt(schedule, now);
            const later = factorsAt(schedule, now + 40 * MINUTE);
            for (const factors of [at, later]) {
              expect(factors.initialFactor).toBeGreaterThanOrEqual(1);
              expect(factors.initialFactor).toBeLessThanOrEqual(p.cap);
              expect(factors.maintenanceFactor).toBeGreaterThanOrEqual(1);
              expect(factors.maintenanceFactor).toBeLessThanOrEqual(factors.initialFactor);
            }
            if (each.kind !== 'fresh') {
              expect(later.initialFactor).toBeGreaterThanOrEqual(at.initialFactor - 1e-12);
              expect(later.maintenanceFactor).toBeGreaterThanOrEqual(at.maintenanceFactor - 1e-12);
            }
            if (before !== null) {
              const was = factorsAt(before, now);
              // continuous: a new forecast moves maintenance by nothing at the moment it comes
              expect(at.maintenanceFactor).toBeCloseTo(was.maintenanceFactor, 9);
              expect(at.initialFactor).toBeGreaterThanOrEqual(was.initialFactor - 1e-12);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
