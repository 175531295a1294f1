import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measureGas, measurePublication } from '../support/gas.ts';
import { type RiskDevnet, startRiskDevnet } from '../support/messaging.ts';

let devnet: RiskDevnet;
beforeAll(async () => {
  devnet = await startRiskDevnet(['hub', 'l2', 'l2b']);
});
afterAll(() => devnet?.stop());

describe('gas', () => {
  it('of a publication is at most 1.1 times that of a plain contract that stores and emits the same', async () => {
    const { oracle, plain } = await measurePublication(devnet);
    for (const index of [0, 1] as const) {
      expect(Number(oracle[index]) / Number(plain[index])).toBeLessThanOrEqual(1.1);
    }
    // The yardstick itself stores ten words, at 22,100 each.
    expect(Number(plain[1])).toBeGreaterThan(10 * 22_100);
  });

  it('of every call is known, and none comes near a block', async () => {
    const rows = await measureGas(devnet);
    expect(rows).toHaveLength(23);
    for (const { call, gas } of rows) expect([call, gas > 21_000n && gas < 8_000_000n]).toEqual([call, true]);
  });
});
