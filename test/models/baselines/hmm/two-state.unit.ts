import { describe, expect, it } from 'vitest';
import { filterStep, fitTwoState, predictStep } from '../../../../models/baselines/hmm/two-state.ts';
import { seededUniform } from '../../../../risk/statistics/sequence.ts';

describe('the two-state hidden Markov model', () => {
  it('filters as Bayes by hand', () => {
    const model = { mean: [0, 2], variance: [1, 1], stay: [0.9, 0.8] } as const;
    expect(predictStep(model, 0.5)).toBeCloseTo(0.45, 14);
    const high = 0.45 * Math.exp(-0.5 * (1.5 - 2) ** 2);
    const calm = 0.55 * Math.exp(-0.5 * 1.5 ** 2);
    expect(filterStep(model, 0.5, 1.5)).toBeCloseTo(high / (high + calm), 12);
  });

  it('recovers the states that made the data', () => {
    const next = seededUniform(4);
    const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const x = new Float64Array(15_000);
    const states = new Uint8Array(x.length);
    let state = 0;
    for (let t = 0; t < x.length; t++) {
      if (next() > (state === 0 ? 0.98 : 0.95)) state = 1 - state;
      states[t] = state;
      x[t] = state === 0 ? -10 + 0.8 * normal() : -7 + 1.1 * normal();
    }
    const { model, posterior } = fitTwoState(x, null);
    expect(model.mean[0]).toBeCloseTo(-10, 1);
    expect(model.mean[1]).toBeCloseTo(-7, 0);
    expect(model.stay[0]).toBeCloseTo(0.98, 1.7);
    expect(model.stay[1]).toBeCloseTo(0.95, 1.7);
    const right = posterior.reduce((sum, p, t) => sum + (p > 0.5 === (states[t] === 1) ? 1 : 0), 0);
    expect(right / x.length).toBeGreaterThan(0.97);
  });
});
