import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstAnswer, selfCheck } from '../../../gateway/demo/self-check.ts';
import { startTestDemo, type TestDemo } from '../../helpers/demo.ts';

const NEVER = new AbortController().signal;

describe('the self-check of the demo', () => {
  let demo: TestDemo;
  beforeAll(async () => {
    demo = await startTestDemo(['--speed', '240']);
    demo.driver.pauseSource('chainlink', 'hub');
    demo.driver.pauseSource('uniswap-v3-twap', 'l2');
    await firstAnswer(demo.url, NEVER);
  });
  afterAll(async () => {
    expect((await demo?.close()) ?? []).toEqual([]);
  });

  it('names every frozen pair of source and chain, and passes once they move', async () => {
    const refusal = await selfCheck(demo, 0, NEVER, 6_000).then(
      () => 'passed',
      (error: Error) => error.message,
    );
    expect(refusal).toContain('chainlink on hub is frozen');
    expect(refusal).not.toContain('chainlink on l2');
    expect(refusal).not.toContain('pyth-onchain on hub');
    demo.driver.resumeSource('chainlink', 'hub');
    demo.driver.resumeSource('uniswap-v3-twap', 'l2');
    const summary = await selfCheck(demo, 1234.4, NEVER, 300_000);
    expect(summary).toMatchObject({ millisecondsToFirstAnswer: 1234, margin: { status: 'healthy' } });
    const { regimeChange } = summary;
    expect(regimeChange).toMatchObject({ regime: 'storm', parameter: 'initialMarginRate of BTC-PERP' });
    expect(Number(regimeChange!.after)).toBeGreaterThan(Number(regimeChange!.before));
    const { hub, l2 } = regimeChange!.oraclesAfter;
    expect(Math.min(Number(hub), Number(l2))).toBeGreaterThanOrEqual(Number(regimeChange!.after));
    expect(Object.keys(summary.moves)).toHaveLength(6);
    expect(Math.min(...Object.values(summary.moves))).toBeGreaterThanOrEqual(3);
  }, 400_000);
});
