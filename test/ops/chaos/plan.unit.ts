import { describe, expect, it } from 'vitest';
import { Checks, holds } from '../../../ops/chaos/checks.ts';
import { FAULT_KINDS, FULL_RUN, LEAST_KILLS, LEAST_OF_EACH, planFaults } from '../../../ops/chaos/plan.ts';
import { recoveryOf } from '../../../ops/chaos/recovery.ts';

describe('the plan of a full run', () => {
  const plan = planFaults(1, null, []);

  it('has 50 kills and every fault three times at least', () => {
    expect(plan.filter(({ kind }) => kind.startsWith('kill-')).length).toBeGreaterThanOrEqual(LEAST_KILLS);
    for (const kind of FAULT_KINDS) {
      const turns = plan.filter((fault) => fault.kind === kind).map(({ turn }) => turn);
      expect(turns).toEqual(Array.from({ length: FULL_RUN[kind] }, (_, turn) => turn));
      expect(turns.length).toBeGreaterThanOrEqual(LEAST_OF_EACH);
    }
  });

  it('is the same for the same seed alone', () => {
    expect(planFaults(1, null, [])).toEqual(plan);
    expect(planFaults(2, null, [])).not.toEqual(plan);
  });

  it('can be cut short', () => {
    expect(planFaults(1, 2, ['kill-redis'])).toEqual([
      { kind: 'kill-redis', turn: 0 },
      { kind: 'kill-redis', turn: 1 },
    ]);
    expect(planFaults(1, 1, [])).toHaveLength(FAULT_KINDS.length);
    expect(() => planFaults(1, 1, ['kill-disk'])).toThrow("no fault 'kill-disk'");
  });
});

describe('a check', () => {
  it('fails with one violation, and when it never looked at anything', () => {
    const checks = new Checks();
    checks.expect('never');
    checks.note('good', null);
    checks.note('bad', null);
    checks.note('bad', 'one was lost');
    expect(checks.all().map((check) => [check.name, holds(check)])).toEqual([
      ['never', false],
      ['good', true],
      ['bad', false],
    ]);
  });
});

describe('the time to recover', () => {
  const fault = { kind: 'kill-gateway', turn: 0, target: 'gateway-1', fromMs: 1_000 } as const;
  it('is that of the last gateway, and none where one never came back', () => {
    const writes = new Map([
      ['gateway-1', [900, 4_000]],
      ['gateway-2', [950, 1_200]],
    ]);
    const margins = new Map([['gateway-1', [990]]]);
    expect(recoveryOf(fault, { writes, margins, jobs: [1_000, 1_500] })).toEqual({
      writesMs: 3_000,
      marginsMs: null,
      jobsMs: 500,
    });
  });
});
