import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { priceSnapshotAt } from '../../../db/queries/price-snapshots.ts';
import { replayPrice } from '../../../gateway/cli/replay-price.ts';
import { storeOptionsBook } from '../../../gateway/demo/self-check.ts';
import type { CapacityDto } from '../../../gateway/schemas/capacity.ts';
import type { EvidenceDto } from '../../../gateway/schemas/evidence.ts';
import type { ForecastDto } from '../../../gateway/schemas/forecast.ts';
import type { LiquidationPlanDto } from '../../../gateway/schemas/liquidation-plan.ts';
import type { LiquidationPriceDto } from '../../../gateway/schemas/liquidation-price.ts';
import type { MarginDto } from '../../../gateway/schemas/margin.ts';
import type { PredictedDto } from '../../../gateway/schemas/predicted.ts';
import type { StressDto } from '../../../gateway/schemas/stress.ts';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import { startTestDemo, type TestDemo } from '../../helpers/demo.ts';
import { until } from '../../helpers/until.ts';
import { pick } from '../support/contract.ts';
import { commandsUnder, paste } from './pasted-commands.ts';

const BOOK = {
  sequence: 1,
  cash: '5000',
  positions: [
    { id: 'short', kind: 'perp', market: 'BTC-PERP', size: '-0.25', entryPrice: '60000', chain: 'hub' },
    { id: 'eth', kind: 'collateral', asset: 'ETH', amount: '3', chain: 'l2' },
  ],
};

describe('the whole service over HTTP, on real contracts and a moving market', () => {
  let demo: TestDemo;
  beforeAll(async () => {
    demo = await startTestDemo(['--speed', '120']);
    await until(
      'a margin-usable price of everything and a forecast',
      async () => {
        const { status, body } = await demo.ask('/ready');
        const text = JSON.stringify(body);
        return status === 200 && text.includes('4 of 4 feeds') && text.includes('4 of 4 assets');
      },
      120_000,
    );
  });
  afterAll(async () => {
    expect((await demo?.close()) ?? []).toEqual([]);
  });

  it('forms a price from all seven sources, with block and publish time of each', async () => {
    const evidence = await until('seven votes', async () => {
      const { body } = await demo.ask('/v1/prices/ETH-USD/evidence');
      const found: EvidenceDto = body;
      return found.votes.filter(({ included }) => included).length === 7 ? found : null;
    });
    const pairs = evidence.votes.map(({ kind, chain }) => `${kind}@${chain}`).sort();
    expect(pairs).toEqual([
      'chainlink@hub',
      'chainlink@l2',
      'pyth-hermes@null',
      'pyth-onchain@hub',
      'pyth-onchain@l2',
      'uniswap-v3-twap@hub',
      'uniswap-v3-twap@l2',
    ]);
    expect(evidence.votes.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
    for (const chain of ['hub', 'l2']) {
      const blocks = evidence.votes
        .filter((vote) => vote.chain === chain)
        .map(({ quote }) => quote?.blockNumber);
      expect(new Set(blocks).size).toBe(1);
    }
    const truth = demo.source.current().assets.ETH.price;
    expect(Math.abs(Number(evidence.price.price) / truth - 1)).toBeLessThan(0.02);
  });

  it('stores a book and answers with a margin that adds up to the digit', async () => {
    expect((await demo.put('/v1/accounts/alice/positions', BOOK)).status).toBe(200);
    const { status, body } = await demo.ask('/v1/accounts/alice/margin');
    const margin: MarginDto = body;
    expect(status).toBe(200);
    expect(margin).toMatchObject({ accountId: 'alice', sequence: 1, stale: false, failures: [] });
    const sum = (field: 'equity' | 'initial' | 'maintenance') =>
      margin.lines.reduce((total, line) => total + wadFromDecimal(line[field]), 0n);
    expect(sum('equity')).toBe(wadFromDecimal(margin.equity));
    expect(sum('initial')).toBe(wadFromDecimal(margin.requirement.initial));
    expect(sum('maintenance')).toBe(wadFromDecimal(margin.requirement.maintenance));
    const priceOf = (feed: string) => Number(margin.prices.find((price) => price.feed === feed)!.price);
    const equity = 5000 - 0.25 * (priceOf('BTC-USD') - 60_000) + 3 * priceOf('ETH-USD');
    expect(Number(margin.equity)).toBeCloseTo(equity, 4);
    expect(margin.buffers.map(({ asset }) => asset)).toEqual(['BTC', 'ETH']);
    for (const { model } of margin.buffers) expect(model).toMatch(/^(logHAR|network|logHARX168)$/);
    for (const { initialFactor } of margin.buffers) expect(initialFactor).toBeGreaterThanOrEqual(1.25);
  });

  it('predicts the margin and refuses what it cannot predict', async () => {
    const { body } = await demo.ask('/v1/accounts/alice/margin/predicted?horizon=24h&quantile=0.95');
    const predicted: PredictedDto = body;
    const mean = Number(predicted.initialRequirement.mean);
    const now = Number(predicted.current.requirement.initial);
    expect(Math.abs(mean / now - 1)).toBeLessThan(0.6);
    expect(Number(predicted.initialRequirement.quantile)).toBeGreaterThan(mean);
    expect(predicted.breachProbability).toBeLessThan(0.5);
    expect((await demo.ask('/v1/accounts/alice/margin/predicted?horizon=999h')).status).toBe(400);
  });

  it('says what the account may do, what breaks it, and how it would be closed', async () => {
    const about = async (question: string) => {
      const { status, body } = await demo.ask(`/v1/accounts/alice/${question}`);
      expect(status, question).toBe(200);
      expect(body, question).toMatchObject({ accountId: 'alice', stale: false, failures: [] });
      return body;
    };
    const capacity: CapacityDto = await about('capacity');
    expect(Number(capacity.freeCollateral)).toBeGreaterThan(0);
    expect(new Set(capacity.orders.map(({ asset }) => asset))).toEqual(new Set(['BTC', 'ETH', 'SOL']));
    for (const { market, side, size } of capacity.orders) {
      expect(Number(size), `${market} ${side}`).toBeGreaterThan(0);
    }
    expect(capacity.withdrawals.collateral.map(({ positionId }) => positionId)).toEqual(['eth']);
    const prices: LiquidationPriceDto = await about('liquidation-price');
    const btc = prices.assets?.find(({ asset }) => asset === 'BTC');
    expect([prices.breached, btc?.down]).toEqual([false, null]);
    const now = Number(prices.prices.find(({ feed }) => feed === 'BTC-USD')!.price);
    expect(Number(btc?.up?.prices[0]?.price) / now).toBeCloseTo(btc!.up!.multiplier, 9);
    expect(btc?.up?.multiplier).toBeGreaterThan(1);
    const { reference, betas } = prices.alongBeta!;
    expect([reference, betas.BTC]).toEqual(['BTC', 1]);
    for (const asset of ['ETH', 'SOL']) expect(betas[asset]).toBeGreaterThan(0.2);
    expect(Math.abs(betas.USDC!)).toBeLessThan(0.2);
    const stress: StressDto = await about('stress');
    expect(stress.scenarios.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['crash-2022-05-11', 'vanished-liquidity', 'chain-lost-hub', 'chain-lost-l2']),
    );
    expect(stress.worst.byNetMaintenance).toMatch(/^(crash|correlated|chain)/);
    expect(stress.reverse?.move).not.toBe(0);
    const healthy: LiquidationPlanDto = await about('liquidation-plan');
    expect(healthy.plan).toMatchObject({ reached: true, closes: [], auction: null });
    const more = Number(capacity.freeCollateral) + 100;
    const plan: LiquidationPlanDto = await about(`liquidation-plan?target=${more.toFixed(2)}&costRate=0`);
    expect(plan.plan?.closes.map(({ positionId, market }) => `${positionId} ${market}`)).toEqual([
      'short BTC-PERP',
    ]);
  });

  it('serves the trained network as soon as it is loaded, and every forecast by its name and with its state', async () => {
    await until(
      'the network serves BTC',
      async () => {
        const { body } = await demo.ask('/v1/forecasts/BTC');
        const forecast: ForecastDto = body;
        return forecast.horizons.every(({ model }) => model === 'network');
      },
      120_000,
    );
    for (const asset of ['BTC', 'ETH', 'SOL', 'USDC']) {
      const { body } = await demo.ask(`/v1/forecasts/${asset}?horizon=1h,4h,24h`);
      const forecast: ForecastDto = body;
      expect(forecast.horizons.map(({ horizonHours }) => horizonHours)).toEqual([1, 4, 24]);
      for (const { model, modelVersion, fallbackReason, quantiles, calibration } of forecast.horizons) {
        expect(fallbackReason === null).toBe(model === 'network');
        expect(modelVersion).toMatch(model === 'network' ? /^\d+\.\d+\.\d+\+[0-9a-f]{12}$/ : /^\d/);
        expect(['ok', 'drifting', 'unknown']).toContain(calibration.state);
        const variances = quantiles.map(({ variance }) => variance);
        expect(variances).toEqual([...variances].sort((a, b) => a - b));
      }
    }
  });

  it('answers the commands of the documentation for an options venue, pasted into a shell', async () => {
    const series = await until(
      'returns to simulate from',
      async () => {
        const { body } = await demo.ask('/v1/accounts/alice/margin?module=tail@1.0.0');
        const { status, history }: MarginDto = body;
        if (status !== 'unknown') return history;
        await new Promise((resolve) => setTimeout(resolve, 500));
        return null;
      },
      100_000,
    );
    expect(series).toMatchObject({ horizonHours: 24, stressedRows: 270 });
    expect(series!.rows).toBeGreaterThan(1000);
    const page = join(import.meta.dirname, '../../../docs/api.md');
    const answers = await paste(await commandsUnder(page, 'An options venue'), demo.url);
    const [modules, pushed, markets, stored, scenario, tail, simulated, capacity, stress, price, plan] =
      answers;
    expect(pick(modules, 'modules')).toContainEqual(
      expect.objectContaining({ id: 'scenario', version: '2.0.0' }),
    );
    expect(pushed).toMatchObject({ market: 'SOL-OPTIONS', replayed: false, stale: false });
    const listed = (pick(markets, 'options') as { asset: string; instruments: { market: string }[] }[]).map(
      ({ asset, instruments }) => [asset, instruments.length > 0],
    );
    expect(listed).toEqual([
      ['BTC', true],
      ['ETH', true],
      ['SOL', true],
    ]);
    expect(stored).toMatchObject({ positionCount: 3 });
    for (const [margin, moduleId] of [
      [scenario, 'scenario'],
      [tail, 'tail'],
    ] as const) {
      expect(margin).toMatchObject({ moduleId, status: 'healthy', failures: [], stale: false });
      const { lines, equity, requirement } = margin as MarginDto;
      const sum = (values: string[]) => values.reduce((total, text) => total + wadFromDecimal(text), 0n);
      expect(sum(lines.map((line) => line.equity))).toBe(wadFromDecimal(equity));
      expect(sum(lines.map((line) => line.initial))).toBe(wadFromDecimal(requirement.initial));
    }
    expect(
      (scenario as MarginDto).sensitivities.find(({ positionId }) => positionId === 'call')?.greeks?.vega,
    ).toBeLessThan(0);
    expect((scenario as MarginDto).worstScenarios).toMatchObject([{ asset: 'SOL' }]);
    expect((tail as MarginDto).history?.rows).toBe(series!.rows);
    const initial = (...path: (string | number)[]) =>
      Number(pick(simulated, ...path, 'requirement', 'initial'));
    expect(initial('simulations', 0, 'margin')).toBeLessThan(initial('current'));
    expect(pick(capacity, 'orders')).toMatchObject([
      { market: 'SOL-20251226-180-C', side: 'sell', reasons: [] },
    ]);
    expect(pick(stress, 'scenarios')).not.toHaveLength(0);
    const [sol] = pick(price, 'assets') as { asset: string; up: { multiplier: number } | null }[];
    expect(sol?.asset).toBe('SOL');
    expect(sol?.up?.multiplier).toBeGreaterThan(1);
    expect(pick(plan, 'plan', 'after', 'status')).toBe('healthy');
  }, 180_000);

  it('margins an account of options at the surfaces of the demo venue', async () => {
    await storeOptionsBook(demo.url, 'strangle');
    const { body } = await demo.ask('/v1/accounts/strangle/margin?module=scenario@2.0.0');
    const margin: MarginDto = body;
    expect(margin).toMatchObject({ status: 'healthy', stale: false, failures: [] });
    expect(margin.venueData.map(({ market }) => market).sort()).toEqual(['BTC-OPTIONS', 'ETH-OPTIONS']);
    expect(margin.chains.map(({ chain }) => chain)).toEqual([null, 'hub', 'l2']);
    expect(margin.exposures.map(({ asset }) => asset).sort()).toEqual(['BTC', 'ETH']);
  });

  it('stores nothing of a bad book, and never lets an older one win', async () => {
    const bad = { ...BOOK, sequence: 2, positions: [{ ...BOOK.positions[0], size: 'NaN' }] };
    const refused = await demo.put('/v1/accounts/alice/positions', bad);
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain('positions[0].size');
    expect((await demo.put('/v1/accounts/alice/positions', { ...BOOK, sequence: 3 })).status).toBe(200);
    expect((await demo.put('/v1/accounts/alice/positions', { ...BOOK, sequence: 2 })).status).toBe(409);
    const { body } = await demo.ask('/v1/accounts/alice/positions');
    expect(body).toMatchObject({ sequence: 3, cash: '5000' });
  });

  it('sweeps stored accounts and keeps price snapshots, as jobs', async () => {
    const { rows } = await until('a swept status and snapshots', async () => {
      const found = await demo.service.database.pool.query(
        `select s.status, s.sequence::int as sequence, (select count(distinct feed)::int from price_snapshots) as feeds
         from margin_statuses s where s.account = 'alice' and s.sequence = 3`,
      );
      return found.rows[0]?.feeds === 4 ? found : null;
    });
    expect(rows[0]).toMatchObject({ status: 'healthy', sequence: 3, feeds: 4 });
  });

  it('replays the stored verdicts of every feed to the same answer, memory of its class included', async () => {
    const { engine, database } = demo.service;
    const feeds = new Map(engine.network.feeds.map((config) => [config.id, config]));
    const stored = (id: string, at: number) => priceSnapshotAt(database.orm, id, at);
    for (const id of feeds.keys()) {
      const replay = await replayPrice({ feeds, stored }, id, engine.clock.nowMs());
      expect([id, replay.identical, replay.price.memory?.judgedAtMs ?? null]).toEqual([
        id,
        true,
        expect.any(Number),
      ]);
    }
  });
});
