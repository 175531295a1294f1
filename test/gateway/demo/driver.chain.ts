import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDevnet } from '../../../chains/devnet/start-devnet.ts';
import type { Devnet } from '../../../chains/devnet/types.ts';
import { networkSchema } from '../../../gateway/config/network.ts';
import { MarketClock } from '../../../gateway/demo/clock.ts';
import { type Driver, firstPrices, maxLeadMs, startDriver } from '../../../gateway/demo/driver.ts';
import { type HermesServer, startHermesServer } from '../../../gateway/demo/hermes/server.ts';
import { createDevelopmentSigner } from '../../../gateway/demo/hermes/signer.ts';
import { MarketSimulator } from '../../../gateway/demo/market/simulator.ts';
import { demoNetwork } from '../../../gateway/demo/network.ts';
import { recordingLogger, until } from './helpers.ts';

/** Ten times the demo's default, so that half an hour of the market takes a few seconds. */
const SPEED = 600;
const STEP_WALL_MS = 50;

describe('the driver on real local chains', () => {
  const source = new MarketSimulator({ seed: 1, months: 14, startMs: Date.UTC(2025, 6, 1, 13) });
  const clock = new MarketClock({
    startMs: source.startMs,
    speed: SPEED,
    maxLeadMs: maxLeadMs(SPEED, STEP_WALL_MS),
  });
  const logger = recordingLogger();
  let devnet: Devnet;
  let hermes: HermesServer;
  let driver: Driver;

  beforeAll(async () => {
    devnet = await startDevnet({ startTimeSeconds: source.startMs / 1000, prices: firstPrices(source) });
    const signer = createDevelopmentSigner({ seed: 'driver test' });
    hermes = await startHermesServer({ port: 0, host: '127.0.0.1', signer });
    const { chains } = devnet;
    driver = startDriver({ source, chains, hermes, clock, seed: 1, stepWallMs: STEP_WALL_MS, logger });
  });
  afterAll(async () => {
    await driver?.stop();
    await hermes?.stop();
    await devnet?.stop();
  });

  it('is described by a valid network file', () => {
    const input = { chains: devnet.chains, hermes, firstPrices: firstPrices(source), stepSeconds: 30 };
    const network = networkSchema.parse(demoNetwork(input));
    expect(network.feeds.map(({ sources }) => sources.length)).toEqual([7, 7, 7, 5]);
  });

  it('moves each of the six pairs of source and chain three times, within an hour of the market', async () => {
    const slowest = () =>
      Math.min(...Object.values(driver.stats().chains).flatMap(({ moves }) => Object.values(moves)));
    await until(() => slowest() >= 3);
    expect(driver.stats().marketTimeMs - source.startMs).toBeLessThanOrEqual(3_600_000);
    expect(Object.values(driver.stats().chains).map(({ failures }) => failures)).toEqual([0, 0]);
  });

  it('keeps the head of each chain at the market second of the last step', async () => {
    const { definition } = devnet.chains[0]!;
    await until(() => driver.stats().steps > 5);
    const body = { jsonrpc: '2.0', id: 1, method: 'eth_getBlockByNumber', params: ['latest', false] };
    const response = await fetch(definition.rpcUrls[0]!, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { result } = (await response.json()) as { result: { timestamp: string } };
    const headMs = Number(result.timestamp) * 1000;
    expect(headMs).toBeLessThanOrEqual(clock.nowMs());
    expect(headMs).toBeGreaterThan(source.startMs);
  });

  it('answers on Hermes with the price of the present step', async () => {
    const { priceIds } = devnet.chains[0]!.pyth;
    const response = await fetch(`${hermes.url}/v2/updates/price/latest?ids[]=${priceIds.ETH}`);
    const { parsed } = (await response.json()) as {
      parsed: { price: { price: string; expo: number; publish_time: number } }[];
    };
    const { price, expo, publish_time } = parsed[0]!.price;
    expect(publish_time * 1000).toBeGreaterThan(source.startMs);
    expect(publish_time * 1000).toBeLessThanOrEqual(clock.nowMs());
    const truth = source.current().assets.ETH.price;
    expect(Math.abs((Number(price) * 10 ** expo) / truth - 1)).toBeLessThan(0.05);
  });

  it('goes on while a node is dead, and takes it up again', async () => {
    const hub = devnet.chains.find(({ definition }) => definition.id === 'hub')!;
    await hub.kill();
    await until(() => driver.stats().chains.hub!.failing >= 3);
    const before = driver.stats();
    await until(() => driver.stats().chains.l2!.steps >= before.chains.l2!.steps + 3);
    expect(driver.stats().hermes.publications).toBeGreaterThan(before.hermes.publications);
    await hub.restart();
    await until(() => driver.stats().chains.hub!.failing === 0);
    const after = driver.stats().chains.hub!.moves['uniswap-v3-twap'];
    await until(() => driver.stats().chains.hub!.moves['uniswap-v3-twap'] > after);
    expect(driver.stats().chains.l2!.failures).toBe(0);
  });
});
