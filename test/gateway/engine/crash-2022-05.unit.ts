import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nextSchedule } from '../../../gateway/engine/buffer-schedules.ts';
import { volatilityView } from '../../../gateway/engine/forecast-store.ts';
import type { RiskModel } from '../../../gateway/engine/risk-configuration.ts';
import { readHourlyBars } from '../../../models/data/candle-file.ts';
import type { HourlyBar } from '../../../models/forecast.ts';
import { createForecaster, type Forecaster } from '../../../models/serving/forecaster.ts';
import type { BufferSchedule } from '../../../risk/buffer/schedule.ts';
import { planPartialClose } from '../../../risk/liquidation/plan.ts';
import { initialState, type LiquidationStage, nextState } from '../../../risk/liquidation/state.ts';
import type { MarketPrice, MarketSnapshot } from '../../../risk/market/market-data.ts';
import type { AnyMarket } from '../../../risk/modules/module.ts';
import { findModule } from '../../../risk/modules/registry.ts';
import type { AnyPortfolio } from '../../../risk/portfolio/portfolio.ts';
import { settle } from '../../../risk/units/settle.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { wadFromDecimal as wad } from '../../../risk/units/wad.ts';

const DATA = '../shared/data/market';
const FROM = Date.UTC(2022, 4, 9);
const TO = Date.UTC(2022, 4, 14);
const HISTORY_MS = 430 * 24 * MS_PER_HOUR;
const EXPIRY = Date.UTC(2022, 4, 27, 8);
const ASSETS = ['BTC', 'ETH'] as const;
const PUT = 'ETH-20220527-2000-P';

const markets = new Map<string, AnyMarket>(
  [
    { id: 'ETH-PERP', kind: 'perp', asset: 'ETH', feedId: 'ETH-USD' } as const,
    { id: 'BTC', kind: 'collateral', asset: 'BTC', feedId: 'BTC-USD' } as const,
    {
      id: PUT,
      kind: 'option',
      asset: 'ETH',
      feedId: 'ETH-USD',
      strikeWad: wad('2000'),
      expiryMs: EXPIRY,
      isCall: false,
    } as const,
  ].map((market) => [market.id, market]),
);

/** Long perps and short puts on ETH, with BTC and cash behind them: everything falls together. */
const book: AnyPortfolio = {
  accountId: 'terra',
  cashWad: wad('14000'),
  positions: [
    {
      kind: 'perp',
      id: 'long',
      market: 'ETH-PERP',
      sizeWad: wad('10'),
      entryPriceWad: wad('2520'),
      unsettledFundingWad: 0n,
      chain: null,
    },
    { kind: 'option', id: 'puts', market: PUT, sizeWad: wad('-5'), chain: null },
    { kind: 'collateral', id: 'btc', asset: 'BTC', amountWad: wad('0.2'), chain: null },
  ],
};

const yes = { usable: true, reasons: [] };
const priceOf = (asset: string, close: number, atMs: number): MarketPrice => ({
  feedId: `${asset}-USD`,
  priceWad: settle(close, 'credit'),
  confidenceWad: settle(close / 10_000, 'debit'),
  confidenceScore: 1,
  publishTimeMs: atMs,
  verdicts: { open: yes, margin: yes, liquidate: yes },
});

describe.skipIf(!existsSync(DATA))('9 to 13 May 2022, hour by hour (needs ../shared/data)', () => {
  it('moves an account with perps and options from healthy over warned and called into liquidation', async () => {
    const module = findModule('scenario', '2.0.0');
    // Warned early: at half of the initial requirement left, for hours are coarse steps in such a week.
    const parameters = module.parseParameters({ warningRatio: 0.5 });
    const configuration: RiskModel = { module, parameters, parametersHash: '' };
    const bars = new Map<string, readonly HourlyBar[]>();
    const forecasters = new Map<string, Forecaster>();
    for (const asset of ASSETS) {
      const all = await readHourlyBars(`${DATA}/binance_spot_${asset}USDT_1h.csv.gz`);
      bars.set(
        asset,
        all.filter(({ tsMs }) => tsMs >= FROM - HISTORY_MS && tsMs < TO),
      );
      forecasters.set(asset, createForecaster(asset));
    }
    const schedules = new Map<string, BufferSchedule>();
    const first = new Map<LiquidationStage, number>();
    const buffers: number[] = [];
    let state = initialState(FROM);
    for (let at = FROM - HISTORY_MS; at < TO; at += MS_PER_HOUR) {
      const nowMs = at + MS_PER_HOUR;
      for (const asset of ASSETS) {
        const bar = bars.get(asset)!.find((each) => each.tsMs === at);
        if (bar) forecasters.get(asset)!.push(bar);
        if (nowMs < FROM - 48 * MS_PER_HOUR) continue;
        const daily = forecasters
          .get(asset)!
          .current()
          .find(({ horizonHours }) => horizonHours === 24)!;
        const next = nextSchedule(configuration, schedules.get(asset) ?? null, daily);
        if (next !== null) schedules.set(asset, next);
      }
      if (nowMs < FROM) continue;
      const close = (asset: string) => bars.get(asset)!.findLast(({ tsMs }) => tsMs <= at)!.close;
      const forward = close('ETH');
      const market: MarketSnapshot = {
        asOfMs: nowMs,
        prices: new Map(ASSETS.map((asset) => [`${asset}-USD`, priceOf(asset, close(asset), nowMs)])),
        volatility: new Map(
          ASSETS.map((asset) => [
            asset,
            new Map(
              forecasters
                .get(asset)!
                .current()
                .map((each) => [each.horizonHours, volatilityView(each)]),
            ),
          ]),
        ),
        buffers: schedules,
        options: new Map([
          [
            'ETH',
            new Map([
              [
                EXPIRY,
                {
                  asOfMs: nowMs,
                  forward,
                  settlementForward: null,
                  rate: 0,
                  smile: [{ strike: 2000, volatility: 0.95 }],
                  forwardConfidence: 1,
                  rateConfidence: 1,
                  volatilityConfidence: 1,
                },
              ],
            ]),
          ],
        ]),
      };
      const result = module.calculate(book, markets as never, market, parameters);
      expect(result.failures).toEqual([]);
      buffers.push(result.buffers.find(({ asset }) => asset === 'ETH')!.initialFactor);
      const question = { module, parameters, portfolio: book, markets, market };
      const liquidatable = result.status === 'liquidatable';
      state = nextState(
        state,
        {
          status: result.status,
          pricesAllowLiquidation: true,
          partialCloseReaches: liquidatable && planPartialClose(question, 0n, 0.005).reached,
          restored: result.netInitialWad >= 0n,
        },
        nowMs,
        { partialTimeoutMs: 6 * MS_PER_HOUR },
      );
      if (!first.has(state.stage)) first.set(state.stage, nowMs);
    }
    const days = [...first].map(([stage, atMs]) => `${stage} ${new Date(atMs).toISOString().slice(0, 10)}`);
    expect(days.slice(0, 4)).toEqual([
      'healthy 2022-05-09',
      'warned 2022-05-09',
      'margin-call 2022-05-11',
      'partial-liquidation 2022-05-12',
    ]);
    // The buffer was up before the worst day, not after it.
    expect(buffers[0]).toBeGreaterThan(1.25);
    expect(Math.max(...buffers)).toBeGreaterThan(2 * buffers[0]!);
  });
});
