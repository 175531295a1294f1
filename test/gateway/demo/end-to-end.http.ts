import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvidenceDto } from '../../../gateway/schemas/evidence.ts';
import type { ForecastDto } from '../../../gateway/schemas/forecast.ts';
import type { MarginDto } from '../../../gateway/schemas/margin.ts';
import type { PredictedDto } from '../../../gateway/schemas/predicted.ts';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import { startTestDemo, type TestDemo } from '../../helpers/demo.ts';
import { until } from '../../helpers/until.ts';

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
    await until('a margin-usable price of everything and a forecast', async () => {
      const { status, body } = await demo.ask('/ready');
      const text = JSON.stringify(body);
      return status === 200 && text.includes('4 of 4 feeds') && text.includes('4 of 4 assets');
    });
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
    expect(margin.buffers.map(({ asset, model }) => `${asset} ${model}`)).toEqual([
      'BTC logHAR',
      'ETH logHAR',
    ]);
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

  it('serves calibrated logHAR forecasts for every asset and horizon, by that name', async () => {
    for (const asset of ['BTC', 'ETH', 'SOL', 'USDC']) {
      const { body } = await demo.ask(`/v1/forecasts/${asset}?horizon=1h,4h,24h`);
      const forecast: ForecastDto = body;
      expect(forecast.horizons.map(({ horizonHours, model }) => `${horizonHours} ${model}`)).toEqual([
        '1 logHAR',
        '4 logHAR',
        '24 logHAR',
      ]);
      for (const { quantiles } of forecast.horizons) {
        const variances = quantiles.map(({ variance }) => variance);
        expect(variances).toEqual([...variances].sort((a, b) => a - b));
      }
    }
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
});
