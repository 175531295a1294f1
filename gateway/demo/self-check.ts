import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import { PURPOSES } from '../../risk/market/verdict.ts';
import type { MarketList } from '../client/types.ts';
import type { ForecastDto } from '../schemas/forecast.ts';
import type { MarginDto } from '../schemas/margin.ts';
import type { PredictedDto } from '../schemas/predicted.ts';
import type { PriceDto, priceListSchema } from '../schemas/price.ts';
import type { publicationListSchema } from '../schemas/publication.ts';
import { ask, askPatiently, SelfCheckError } from './ask.ts';
import { optionsBook, perpBook } from './books.ts';
import { RISKY_ASSETS } from './market/source.ts';
import { checkRegimeChange } from './regime-change.ts';
import type { Demo } from './start-demo.ts';

/** Each of these kinds must move on each chain. */
const KINDS = ['pyth-onchain', 'chainlink', 'uniswap-v3-twap'] as const;
const LEAST_MOVES = 3;
/** Wall time for everything to move; the slowest pair needs about 15 s at the default speed. */
const PATIENCE_MS = 240_000;
const ACCOUNT = 'demo-check';
const OPTIONS_ACCOUNT = 'options-check';
/** Module that margins the options book: a portfolio on a shock grid. */
export const OPTIONS_MODULE = 'scenario@2.0.0';

/** Moves of each pair of kind and chain, over all feeds. */
function movesByPair(demo: Demo): Map<string, number> {
  const moves = new Map<string, number>();
  for (const { definition } of demo.devnet.chains) {
    for (const kind of KINDS) moves.set(`${kind} on ${definition.id}`, 0);
  }
  for (const source of demo.service.engine.book.statistics().sources) {
    const pair = `${source.kind} on ${source.chain}`;
    const before = moves.get(pair);
    if (before !== undefined) moves.set(pair, before + source.moves);
  }
  return moves;
}

/** Waits until every pair has moved, one signed update was verified, and forecasts and prices are there. */
async function untilAlive(demo: Demo, signal: AbortSignal, patienceMs: number): Promise<void> {
  const { engine } = demo.service;
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const moves = movesByPair(demo);
    const frozen = [...moves].filter(([, count]) => count < LEAST_MOVES).map(([pair]) => pair);
    const { updates } = engine.book.statistics();
    const ready = (await engine.ports.health.ready()).every(({ ok }) => ok);
    const forecast = RISKY_ASSETS.every((asset) => engine.ports.forecasts.get(asset).length > 0);
    if (frozen.length === 0 && updates.verified > 0 && ready && forecast) return;
    if (performance.now() > deadline || demo.driver.stats().ended !== null) {
      const missing = [
        ...frozen.map((pair) => `${pair} is frozen (${moves.get(pair)} of ${LEAST_MOVES} moves)`),
        ...(updates.verified > 0
          ? []
          : [`no Pyth update was verified (${updates.lastRefusal ?? 'none came'})`]),
        ...(ready ? [] : ['the gateway is not ready']),
        ...(forecast ? [] : ['not every asset has a forecast']),
      ];
      throw new SelfCheckError(missing.join('; ') || 'the market ended early', { ...demo.driver.stats() });
    }
    await delay(250, undefined, { signal });
  }
}

/** Waits for the first price that may be used for margin, over HTTP. @returns when it came, performance.now() */
export async function firstAnswer(url: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    const { prices } = await ask<z.infer<typeof priceListSchema>>(`${url}/v1/prices`);
    if (prices.some(({ verdicts }) => verdicts.margin.usable)) return performance.now();
    await delay(50, undefined, { signal });
  }
}

/** Prices by feed, to enter positions at. @throws SelfCheckError where there is none */
async function pricesOf(url: string): Promise<(feed: string) => string> {
  const { prices } = await ask<z.infer<typeof priceListSchema>>(`${url}/v1/prices`);
  return (feed) => {
    const price = prices.find((entry) => entry.feed === feed)?.price;
    if (price == null) throw new SelfCheckError(`there is no price of ${feed}`, {});
    return price;
  };
}

const putJson = (body: unknown): RequestInit => ({
  method: 'PUT',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

type Publications = z.infer<typeof publicationListSchema>['publications'];

function publicationSummary(one: Publications[number]) {
  const { market, updateType, value, source, state, reason, sequence, transactionHash } = one;
  return {
    parameter: `${updateType} of ${market}`,
    ...{ value, source, state, reason, sequence, transactionHash },
    chains: Object.fromEntries(one.arrivals.map((arrival) => [arrival.chain, arrival.state])),
  };
}

/** Stores the demo's book of perps for an account. */
export async function storeDemoBook(url: string, account: string): Promise<void> {
  await ask(`${url}/v1/accounts/${account}/positions`, putJson(perpBook(await pricesOf(url))));
}

/** Stores the demo's book with options for an account. */
export async function storeOptionsBook(url: string, account: string): Promise<void> {
  const markets = await ask<MarketList>(`${url}/v1/markets`);
  const book = optionsBook(markets, await pricesOf(url));
  await ask(`${url}/v1/accounts/${account}/positions`, putJson(book));
}

const usable = ({ verdicts }: PriceDto) =>
  PURPOSES.filter((purpose) => verdicts[purpose].usable).join(', ') || 'nothing';

function feedSummary(price: PriceDto) {
  return {
    price: price.price,
    confidence: price.confidence,
    usableFor: usable(price),
    sources: price.sources.map(({ id, included, ageSeconds, reasons }) => ({
      id,
      included,
      ageSeconds,
      ...(reasons.length === 0 ? {} : { reasons: reasons.map(({ code }) => code) }),
    })),
  };
}

function forecastSummary({ horizons }: ForecastDto) {
  return horizons.map(({ horizonHours, model, quantiles, highVolatilityProbability }) => ({
    horizon: `${horizonHours}h`,
    model,
    annualisedVolatility: Object.fromEntries(quantiles.map((q) => [`p${q.p * 100}`, q.annualisedVolatility])),
    highVolatilityProbability,
  }));
}

/**
 * Proves over HTTP that the demo does its job: waits until every source moves, stores a book, asks for its margin
 * now and for the one predicted, and lets a storm raise a parameter on every chain. The summary is JSON-safe.
 * @throws SelfCheckError naming every frozen pair, or the answer that was wrong
 */
export async function selfCheck(
  demo: Demo,
  firstAnswerMs: number,
  signal: AbortSignal,
  patienceMs = PATIENCE_MS,
) {
  await untilAlive(demo, signal, patienceMs);
  const { url } = demo;
  const { book } = demo.service.engine;
  await storeDemoBook(url, ACCOUNT);
  const { prices } = await ask<z.infer<typeof priceListSchema>>(`${url}/v1/prices`);
  const margin = await ask<MarginDto>(`${url}/v1/accounts/${ACCOUNT}/margin`);
  const predicted = await askPatiently<PredictedDto>(
    `${url}/v1/accounts/${ACCOUNT}/margin/predicted?horizon=24h`,
    signal,
    patienceMs,
  );
  const forecast = await ask<ForecastDto>(`${url}/v1/forecasts/BTC?horizon=1h,4h,24h`);
  await storeOptionsBook(url, OPTIONS_ACCOUNT);
  const options = await ask<MarginDto>(
    `${url}/v1/accounts/${OPTIONS_ACCOUNT}/margin?module=${OPTIONS_MODULE}`,
  );
  const regimeChange = await checkRegimeChange(demo, signal, patienceMs);
  const { publications } = await ask<z.infer<typeof publicationListSchema>>(`${url}/v1/publications`);
  const wrong = [
    ...(margin.status === 'unknown' || margin.stale
      ? [`the margin is ${margin.status}, stale ${margin.stale}`]
      : []),
    ...(options.status === 'unknown' || options.stale
      ? [`the margin with options is ${options.status}, stale ${options.stale}`]
      : []),
    ...[...margin.failures, ...options.failures].map(
      ({ positionId, reason }) => `${positionId}: ${reason.message}`,
    ),
    ...(predicted.breachProbability === null ? ['the predicted margin has no breach probability'] : []),
  ];
  if (wrong.length > 0) throw new SelfCheckError(wrong.join('; '), { margin, predicted });
  return {
    market: demo.source.description,
    asOf: margin.asOf,
    millisecondsToFirstAnswer: Math.round(firstAnswerMs),
    moves: Object.fromEntries(movesByPair(demo)),
    pythUpdates: book.statistics().updates,
    feeds: Object.fromEntries(prices.map((price) => [price.feed, feedSummary(price)])),
    forecasts: { BTC: forecastSummary(forecast) },
    margin: {
      status: margin.status,
      equity: margin.equity,
      requirement: margin.requirement,
      net: margin.net,
      buffers: margin.buffers.map(({ asset, initialFactor, maintenanceFactor, model }) => ({
        asset,
        initialFactor,
        maintenanceFactor,
        model,
      })),
      module: `${margin.moduleId}@${margin.moduleVersion}`,
      model: margin.modelVersion,
      parametersHash: margin.parametersHash,
    },
    optionsMargin: {
      status: options.status,
      equity: options.equity,
      requirement: options.requirement,
      exposures: options.exposures,
      worstScenarios: options.worstScenarios,
      venueData: options.venueData,
      module: `${options.moduleId}@${options.moduleVersion}`,
    },
    regimeChange,
    publications: publications.map(publicationSummary),
    predictedMargin: {
      horizonHours: predicted.horizonHours,
      quantile: predicted.quantile,
      initialRequirement: predicted.initialRequirement,
      maintenanceRequirement: predicted.maintenanceRequirement,
      breachProbability: predicted.breachProbability,
      standardError: predicted.standardError,
    },
  };
}
