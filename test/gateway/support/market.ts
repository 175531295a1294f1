import type { OptionSeries } from '../../../gateway/engine/instruments.ts';
import type { VolatilityForecast } from '../../../models/forecast.ts';
import type { RobustPrice, SourceVote } from '../../../oracles/price.ts';
import type { Quote } from '../../../oracles/quotes/quote.ts';
import type { VolatilityView } from '../../../risk/market/market-data.ts';
import type { Verdict } from '../../../risk/market/verdict.ts';
import type { MarketDefinition } from '../../../risk/modules/module.ts';
import { wadFromDecimal } from '../../../risk/units/wad.ts';

/** 2026-03-14T15:00:00Z, the market time of these tests unless one moves it. */
export const NOW_MS = Date.UTC(2026, 2, 14, 15);

export const MARKETS: ReadonlyMap<string, MarketDefinition> = new Map(
  (
    [
      { id: 'BTC-PERP', kind: 'perp', asset: 'BTC', feedId: 'BTC-USD' },
      { id: 'ETH-PERP', kind: 'perp', asset: 'ETH', feedId: 'ETH-USD' },
      {
        id: 'ETH-SPOT',
        kind: 'collateral',
        asset: 'ETH',
        feedId: 'ETH-USD',
        lending: { liquidationBonus: '0.05', supplyCap: '10000', borrowCap: null },
      },
      { id: 'USDC-SPOT', kind: 'collateral', asset: 'USDC', feedId: 'USDC-USD' },
    ] as const
  ).map((market) => [market.id, market]),
);

export const SERIES: readonly OptionSeries[] = [
  { id: 'BTC-OPTIONS', asset: 'BTC', feedId: 'BTC-USD', settlement: 'quote' },
  { id: 'ETH-OPTIONS', asset: 'ETH', feedId: 'ETH-USD', settlement: 'quote' },
];

const USABLE: Verdict = { usable: true, reasons: [] };

function vote(quote: Quote, weight: number): SourceVote {
  return {
    sourceId: quote.sourceId,
    report: { ok: true, quote },
    priceWad: quote.price * 10n ** BigInt(18 + quote.expo),
    ageMs: NOW_MS - quote.publishTimeMs,
    included: true,
    reasons: [],
    weight,
  };
}

/** A price as the aggregator forms it: two sources that agree and one that failed. */
export function robustPrice(feedId: string, price: string, atMs = NOW_MS): RobustPrice {
  const [base, quoteAsset] = feedId.split('-') as [string, string];
  const common = {
    feedId,
    base,
    quoteAsset,
    expo: -8,
    publishTimeMs: atMs - 2000,
    receivedAtMs: atMs - 1500,
  };
  const raw = wadFromDecimal(price) / 10n ** 10n;
  const verdicts = { open: USABLE, margin: USABLE, liquidate: USABLE };
  return {
    feedId,
    base,
    quoteAsset,
    asOfMs: atMs,
    market: {
      feedId,
      priceWad: wadFromDecimal(price),
      confidenceWad: wadFromDecimal(price) / 2000n,
      confidenceScore: 0.98,
      publishTimeMs: atMs - 2000,
      verdicts,
    },
    verdicts,
    votes: [
      vote(
        {
          ...common,
          sourceId: 'chainlink:hub',
          kind: 'chainlink',
          price: raw,
          confidence: 0n,
          chain: 'hub',
          blockNumber: 1234n,
          blockTimeMs: atMs - 1000,
          independenceGroup: 'chainlink',
          details: { roundId: '18446744073709551617' },
        },
        0.5,
      ),
      vote(
        {
          ...common,
          sourceId: 'pyth:hermes',
          kind: 'pyth-hermes',
          price: raw,
          confidence: raw / 2000n,
          chain: null,
          blockNumber: null,
          blockTimeMs: null,
          independenceGroup: 'pyth',
          details: { signers: 13 },
        },
        0.5,
      ),
      {
        sourceId: 'uniswap:l2',
        report: {
          ok: false,
          failure: {
            feedId,
            sourceId: 'uniswap:l2',
            kind: 'uniswap-v3-twap',
            chain: 'l2',
            code: 'chain-unavailable',
            message: 'HTTP request failed. URL: https://rpc.example/v2/SECRETKEY',
            atMs,
          },
        },
        priceWad: null,
        ageMs: null,
        included: false,
        reasons: [{ code: 'chain-unavailable', message: 'no answer from https://rpc.example/v2/SECRETKEY' }],
        weight: 0,
      },
    ],
    configHash: `0x${'ab'.repeat(32)}`,
  };
}

/** The same feed with a price that may not be used for margin. */
export function refusedPrice(feedId: string, price: string): RobustPrice {
  const good = robustPrice(feedId, price);
  const refused: Verdict = {
    usable: false,
    reasons: [{ code: 'quorum-not-met', message: '1 of 2 groups left', subject: feedId }],
  };
  const verdicts = { open: refused, margin: refused, liquidate: refused };
  return { ...good, verdicts, market: { ...good.market!, verdicts } };
}

const P = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99];
const MULTIPLE = [0.3, 0.4, 0.6, 0.9, 1.2, 1.7, 2.2, 2.8, 3.8];

/** A calm forecast: one hour has a variance of 2e-5, which is 42 % a year. */
export function forecastOf(asset: string, horizonHours: 1 | 4 | 24, asOfMs = NOW_MS): VolatilityForecast {
  const mean = 2e-5 * horizonHours;
  return {
    asset,
    horizonHours,
    asOfMs,
    meanVariance: mean,
    quantiles: P.map((p, index) => ({ p, variance: mean * MULTIPLE[index]! })),
    highVolatilityProbability: 0.08,
    onsetProbability: 0.05,
    referenceVariance: mean,
    model: 'logHAR',
    modelVersion: '1',
    calibration: { rows: 8760, levelRatio: 1.01, coverage90: 0.9 },
    limitations: [],
  };
}

export function viewOf(forecast: VolatilityForecast): VolatilityView {
  const { asset, horizonHours, asOfMs, meanVariance, referenceVariance, model, modelVersion } = forecast;
  return {
    asset,
    horizonHours,
    asOfMs,
    varianceQuantiles: forecast.quantiles,
    meanVariance,
    referenceVariance,
    model,
    modelVersion,
    limitations: forecast.limitations,
  };
}
