import { describe, expect, it } from 'vitest';
import { ChainLane, type LaneParameters } from '../../../../gateway/demo/market/chain-lane.ts';
import type { ChainStep } from '../../../../gateway/demo/market/ports.ts';
import { createRandom } from '../../../../gateway/demo/market/random.ts';
import { MarketSimulator } from '../../../../gateway/demo/market/simulator.ts';
import { ASSETS } from '../../../../gateway/demo/market/source.ts';
import { PythStream } from '../../../../gateway/demo/market/sources/pyth-stream.ts';
import { median } from '../../../../oracles/reducers/medians.ts';
import { chainPort } from '../helpers.ts';

const START = Date.UTC(2025, 6, 1, 13);
const EXACT: LaneParameters = {
  pythPace: { deviationBps: 20, heartbeatSeconds: 1200, delaySeconds: 0 },
  chainlinkNoise: 0,
  noiseTradesPerHour: 30,
  noiseOfFee: 0.5,
};

function setUp(overrides: Parameters<typeof chainPort>[1] = {}) {
  const market = new MarketSimulator({ seed: 8, months: 14, startMs: START });
  const port = chainPort('hub', { blockTimeSeconds: 0, ...overrides });
  const lane = new ChainLane(port, market.current(), 1, EXACT);
  const pyth = new PythStream(createRandom(1, 'pyth'));
  const next = (seconds = 30) => {
    const tick = market.step(seconds);
    return { tick, plan: lane.plan(tick, pyth.publish(tick)) };
  };
  return { market, lane, next, first: market.current() };
}

describe('ChainLane', () => {
  it('publishes a Chainlink round exactly when the price moved by the deviation or the heartbeat is due', () => {
    const { next, first } = setUp();
    const last = new Map(ASSETS.map((asset) => [asset, first.assets[asset].price]));
    const due = new Map(ASSETS.map((asset, index) => [asset, START + 300_000 * (index + 1)]));
    let [deviations, heartbeats] = [0, 0];
    for (let k = 0; k < 720; k++) {
      const { tick, plan } = next();
      for (const asset of ASSETS) {
        const observed = median(tick.assets[asset].venues)!;
        const moved = Math.abs(observed / last.get(asset)! - 1) * 10_000 >= 50;
        const round = plan.input.chainlink!.find((one) => one.asset === asset);
        expect(round?.price).toBe(moved || tick.timeMs >= due.get(asset)! ? observed : undefined);
        if (round === undefined) continue;
        if (moved) deviations += 1;
        else heartbeats += 1;
        last.set(asset, round.price);
        due.set(asset, tick.timeMs + 3_600_000);
      }
      plan.commit();
    }
    expect(deviations).toBeGreaterThan(20);
    expect(heartbeats).toBeGreaterThan(8);
  });

  it('leaves every pool within its fee of the true price after each step, and mines at the market second', () => {
    const { next, first } = setUp();
    const spots = new Map(
      (['BTC', 'ETH', 'SOL'] as const).map((asset) => [
        asset,
        first.assets[asset].price / first.assets.USDC.price,
      ]),
    );
    let swaps = 0;
    for (let k = 0; k < 200; k++) {
      const { tick, plan } = next();
      expect(plan.input.timestampSeconds).toBe(tick.timeMs / 1000);
      for (const { asset, targetPrice } of plan.input.pools!) spots.set(asset as 'BTC', targetPrice);
      swaps += plan.input.pools!.length;
      for (const [asset, spot] of spots) {
        const off = Math.abs(Math.log((spot * tick.assets.USDC.price) / tick.assets[asset].price));
        expect(off).toBeLessThanOrEqual(asset === 'SOL' ? 0.003 : 0.0005);
      }
      plan.commit();
    }
    expect(swaps).toBeGreaterThan(200);
  });

  it('plans the same rounds again until a step succeeds', () => {
    const { next } = setUp();
    const due = (input: ChainStep) => input.chainlink!.map(({ asset }) => asset);
    const { plan: failed } = next(300);
    expect(due(failed.input)).toContain('BTC');
    const { plan: again } = next(30);
    expect(due(again.input)).toContain('BTC');
    again.commit();
    expect(due(next(1).plan.input)).not.toContain('BTC');
  });

  it('does not publish outside the bounds of the aggregator', () => {
    const { next } = setUp({ maxSubmissionValue: 10n * 10n ** 8n });
    const published = new Set<string>();
    for (let k = 0; k < 60; k++) {
      const { plan } = next();
      for (const { asset } of plan.input.chainlink!) published.add(asset);
      plan.commit();
    }
    expect([...published]).toEqual(['USDC']);
  });

  it('is silent where it was paused, and lets only the report through while the sequencer is down', () => {
    const { lane, next } = setUp();
    lane.pause('chainlink', true);
    expect(next(1300).plan.input).toMatchObject({ chainlink: [] });
    expect(next(1).plan.input.pyth!.length).toBe(4);
    lane.pause('chainlink', false);
    expect(next(1).plan.input.chainlink!.length).toBe(4);
    lane.setSequencer(false);
    const { tick, plan } = next(1);
    expect(plan.input).toEqual({
      timestampSeconds: tick.timeMs / 1000,
      chainlink: [],
      pyth: [],
      pools: [],
      sequencerUp: false,
    });
    plan.commit();
    expect(next(1).plan.input).not.toHaveProperty('sequencerUp');
    lane.setSequencer(true);
    expect(next(1).plan.input).toMatchObject({ sequencerUp: true });
  });

  it('swaps every pool to the fair price when it does not know where they stand', () => {
    const { lane, next } = setUp();
    lane.forgetPools();
    const { tick, plan } = next(1);
    const fair = (asset: 'BTC' | 'ETH' | 'SOL') => tick.assets[asset].price / tick.assets.USDC.price;
    expect(plan.input.pools).toEqual(
      (['BTC', 'ETH', 'SOL'] as const).map((asset) => ({ asset, targetPrice: fair(asset) })),
    );
  });
});
