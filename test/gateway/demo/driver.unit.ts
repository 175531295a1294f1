import { afterEach, describe, expect, it } from 'vitest';
import { MarketClock } from '../../../gateway/demo/clock.ts';
import { type Driver, firstPrices, maxLeadMs, startDriver } from '../../../gateway/demo/driver.ts';
import { MarketSimulator } from '../../../gateway/demo/market/simulator.ts';
import type { MarketSource, MarketTick } from '../../../gateway/demo/market/source.ts';
import { chainPort, hermesPort, recordingLogger, until } from './helpers.ts';

const START = Date.UTC(2025, 6, 1, 13);
/** A market minute a wall millisecond. */
const SPEED = 60_000;
const STEP_WALL_MS = 1;

let driver: Driver | undefined;
afterEach(() => driver?.stop());

function setUp(wrap: (source: MarketSource) => MarketSource = (source) => source) {
  const source = wrap(new MarketSimulator({ seed: 1, months: 14, startMs: START }));
  const chains = { hub: chainPort('hub'), l2: chainPort('l2', { sequencer: true }) };
  const hermes = hermesPort();
  const logger = recordingLogger();
  const clock = new MarketClock({ startMs: START, speed: SPEED, maxLeadMs: maxLeadMs(SPEED, STEP_WALL_MS) });
  const first = firstPrices(source);
  driver = startDriver({
    source,
    chains: [chains.hub, chains.l2],
    hermes,
    clock,
    seed: 1,
    stepWallMs: STEP_WALL_MS,
    patienceMs: 300,
    logger,
  });
  return { source, chains, hermes, logger, clock, first, driver };
}

describe('startDriver', () => {
  it('has prices on Hermes at once, at the first market second', () => {
    const { hermes, first } = setUp();
    expect(hermes.publications.length).toBe(1);
    const [prices] = hermes.publications;
    expect(prices!.map(({ publishTimeSeconds }) => publishTimeSeconds)).toEqual(Array(4).fill(START / 1000));
    expect(prices![0]!.expo).toBe(-8);
    expect(Math.abs(Number(prices![0]!.price) / 1e8 / first.BTC! - 1)).toBeLessThan(0.001);
    expect(prices!.every(({ conf, emaPrice, emaConf }) => conf > 0n && emaPrice > 0n && emaConf > 0n)).toBe(
      true,
    );
  });

  it('mines one block a step on each chain at the same rising second, never in the future of the clock', async () => {
    const { chains, hermes, clock, driver } = setUp();
    const ahead: number[] = [];
    const step = chains.hub.step;
    chains.hub.step = (input) => {
      ahead.push(input.timestampSeconds * 1000 - clock.nowMs());
      return step(input);
    };
    await until(() => driver.stats().steps >= 50);
    await driver.stop();
    const times = chains.hub.steps.map(({ timestampSeconds }) => timestampSeconds);
    expect(times).toEqual(chains.l2.steps.map(({ timestampSeconds }) => timestampSeconds));
    expect(times.every((time, k) => Number.isInteger(time) && time > (times[k - 1] ?? START / 1000))).toBe(
      true,
    );
    expect(Math.max(...ahead)).toBeLessThanOrEqual(0);
    const published = hermes.publications.slice(1).map(([price]) => price!.publishTimeSeconds);
    expect(published).toEqual(times);
    expect(hermes.publications[2]![0]!.prevPublishTimeSeconds).toBe(published[0]);
    const longest = Math.max(...times.map((time, k) => time - (times[k - 1] ?? START / 1000)));
    expect(longest * 1000).toBeLessThanOrEqual(clock.maxLeadMs);
    expect(driver.stats()).toMatchObject({
      steps: times.length,
      marketTimeMs: times.at(-1)! * 1000,
      ended: 'stopped',
    });
    expect(clock.completedMs).toBe(times.at(-1)! * 1000);
  });

  it('goes on without a chain that fails, and takes it up again', async () => {
    const { chains, hermes, logger, driver } = setUp();
    await until(() => driver.stats().steps >= 3);
    chains.hub.behaviour = 'refuses';
    await until(() => driver.stats().chains.hub!.failing >= 5);
    const [l2, published] = [chains.l2.steps.length, hermes.publications.length];
    await until(() => chains.l2.steps.length >= l2 + 5 && hermes.publications.length >= published + 5);
    expect(driver.stats().chains.hub!.lastError).toBe('the node is down');
    expect(driver.stats().chains.l2!.failures).toBe(0);
    chains.hub.behaviour = 'takes';
    await until(() => driver.stats().chains.hub!.failing === 0);
    const about = logger.lines
      .filter(({ fields }) => 'chain' in fields)
      .map(({ level, message }) => [level, message]);
    expect(about).toEqual([
      ['warn', 'a step failed on a chain; it is tried again'],
      ['info', 'the chain takes steps again'],
    ]);
  });

  it('waits for a chain that hangs once, then goes on without it', async () => {
    const { chains, logger, driver } = setUp();
    await until(() => driver.stats().steps >= 3);
    chains.hub.behaviour = 'hangs';
    await until(() => logger.lines.some(({ message }) => message.startsWith('a chain does not answer')));
    const [hub, l2] = [chains.hub.steps.length, chains.l2.steps.length];
    await until(() => chains.l2.steps.length >= l2 + 20);
    expect(chains.hub.steps.length).toBe(hub);
    expect(driver.stats().heldMs).toBeGreaterThan(0);
  });

  it('silences a source where it is told to', async () => {
    const { chains, hermes, driver } = setUp();
    driver.pauseSource('pyth-hermes');
    driver.pauseSource('chainlink', 'hub');
    driver.pauseSource('uniswap-v3-twap');
    await until(() => driver.stats().steps >= 100);
    const { hub, l2 } = driver.stats().chains;
    expect(hermes.publications.length).toBe(1);
    expect(hub!.moves).toMatchObject({ chainlink: 0, 'uniswap-v3-twap': 0 });
    expect(l2!.moves['uniswap-v3-twap']).toBe(0);
    expect(l2!.moves.chainlink).toBeGreaterThanOrEqual(3);
    expect(hub!.moves['pyth-onchain']).toBeGreaterThanOrEqual(3);
    driver.resumeSource('pyth-hermes');
    driver.resumeSource('chainlink', 'hub');
    await until(
      () => hermes.publications.length > 1 && chains.hub.steps.some(({ chainlink }) => chainlink!.length > 0),
    );
  });

  it('reports a stopped sequencer on the chain that has one', async () => {
    const { chains, driver } = setUp();
    driver.setSequencer('l2', false);
    await until(() => chains.l2.steps.some(({ sequencerUp }) => sequencerUp === false));
    const at = chains.l2.steps.length;
    await until(() => chains.l2.steps.length >= at + 5);
    expect(
      chains.l2.steps.slice(at).flatMap(({ chainlink, pyth, pools }) => [...chainlink!, ...pyth!, ...pools!]),
    ).toEqual([]);
    driver.setSequencer('l2', true);
    await until(() => chains.l2.steps.some(({ sequencerUp }) => sequencerUp === true));
    expect(() => driver.setSequencer('hub', false)).toThrow("chain: 'hub' has no sequencer");
    expect(() => driver.pauseSource('chainlink', 'mars')).toThrow("chain: no 'mars' here; there are hub, l2");
  });

  it('ends with the data, and says so once', async () => {
    const endMs = START + 1800_000;
    const { driver, chains } = setUp((source) => ending(source, endMs));
    const ends: string[] = [];
    driver.onFinished((end, message) => ends.push(`${end}: ${message}`));
    await until(() => ends.length > 0);
    await driver.stop();
    const expected = 'end of data: the replay has reached the end of its data (a market that ends)';
    expect(ends).toEqual([expected]);
    driver.onFinished((end, message) => ends.push(`${end}: ${message}`));
    expect(ends).toEqual([expected, expected]);
    expect(chains.hub.steps.at(-1)!.timestampSeconds).toBe(endMs / 1000);
    expect(driver.stats().ended).toBe('end of data');
  });

  it('says when the market itself fails', async () => {
    const { driver } = setUp((source) => broken(source));
    const ends: string[] = [];
    driver.onFinished((end, message) => ends.push(`${end}: ${message}`));
    await until(() => ends.length > 0);
    expect(ends).toEqual(['failed: the market driver failed: no more numbers']);
  });

  it('refuses a clock that begins elsewhere', () => {
    const source = new MarketSimulator({ seed: 1, months: 14, startMs: START });
    const clock = new MarketClock({ startMs: START + 1, speed: 60, maxLeadMs: 1000 });
    const options = { source, chains: [], hermes: hermesPort(), clock, seed: 1, logger: recordingLogger() };
    expect(() => startDriver(options)).toThrow('clock: must begin where the source begins');
  });
});

function ending(source: MarketSource, endMs: number): MarketSource {
  let now: MarketTick = source.current();
  return {
    kind: 'replay',
    description: 'a market that ends',
    startMs: source.startMs,
    endMs,
    history: () => source.history(),
    current: () => now,
    step(seconds) {
      const left = (endMs - now.timeMs) / 1000;
      now = source.step(Math.min(seconds, left));
      now = { ...now, finished: now.timeMs >= endMs };
      return now;
    },
  };
}

function broken(source: MarketSource): MarketSource {
  return {
    ...ending(source, Number.MAX_SAFE_INTEGER),
    step: () => {
      throw new Error('no more numbers');
    },
  };
}
