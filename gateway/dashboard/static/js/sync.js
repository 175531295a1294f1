import { ApiError, getJson, messageOf, postJson, quotaIsSpare } from './api.js';
import { fillIssued } from './history.js';
import { marketNow, observe } from './market-clock.js';
import {
  changed,
  putAlarm,
  putBuffers,
  putForecast,
  putMargin,
  putPrice,
  setConnection,
  store,
} from './store.js';
import { follow } from './stream.js';

const PRICES_MS = 5_000;
const SLOWED_PRICES_MS = 30_000;
/** Answers are good for 10 s in live operation. */
const MARGINS_MS = 5_000;
const FORECASTS_MS = 30_000;
const TICK_MS = 1_000;
/** Pages of 100; more accounts than that are said to be there, and not asked one by one. */
const ACCOUNT_PAGES = 5;
/** Margins asked for one by one in each round, where the sweep has not been or the book is newer. */
const MARGINS_PER_ROUND = 8;
const BUFFERS_MS = 10_000;

/** @typedef {import('../../../client/types.ts').MarketList} MarketList */
/** @type {MarketList | null} */
let markets = null;
/** @type {Map<string, Promise<void>>} */
const underWay = new Map();
/** @type {Map<string, number>} */
const lastRun = new Map();

/**
 * Runs a task unless the same one is under way, and turns a refused key into the locked state.
 * @param {string} name
 * @param {() => Promise<void>} task
 */
function once(name, task) {
  const running = underWay.get(name);
  if (running !== undefined) return running;
  const run = task()
    .catch((/** @type {unknown} */ error) => noteFailure(error))
    .finally(() => {
      underWay.delete(name);
      lastRun.set(name, performance.now());
      changed();
    });
  underWay.set(name, run);
  return run;
}

/** @param {unknown} error */
function noteFailure(error) {
  if (!(error instanceof ApiError)) throw error;
  if (error.status === 401) store.locked = true;
  if (error.status === 0) setConnection('lost', error.message);
}

/** @param {string} name @param {number} everyMs @param {() => Promise<unknown>} task */
function every(name, everyMs, task) {
  if (performance.now() - (lastRun.get(name) ?? Number.NEGATIVE_INFINITY) >= everyMs) void task();
}

export const readPrices = () =>
  once('prices', async () => {
    try {
      /** @type {import('../../../client/types.ts').PriceList} */
      const { prices } = await getJson('/v1/prices');
      for (const price of prices) takePrice(price);
      store.locked = false;
      store.pricesProblem = null;
      if (store.connection.state === 'lost' && !hasStream()) setConnection('polling', '');
    } catch (error) {
      store.pricesProblem = messageOf(error);
      throw error;
    }
  });

/** @param {import('./store.js').Price} price */
function takePrice(price) {
  putPrice(price);
  if (price.publishTime !== null && price.ageSeconds !== null) {
    observe(Date.parse(price.publishTime) + price.ageSeconds * 1000);
  }
}

const readReadiness = () =>
  once('readiness', async () => {
    const response = await fetch('/ready', { cache: 'no-store', credentials: 'omit' }).catch(() => null);
    if (response === null) {
      setConnection('lost', 'the gateway does not answer');
      return;
    }
    store.readiness = await response.json().catch(() => null);
  });

const readMarkets = () =>
  once('markets', async () => {
    markets = await getJson('/v1/markets');
  });

/** All assets in one answer, the first time with what was issued in the day before. */
const readForecasts = () =>
  once('forecasts', async () => {
    const { filled } = store;
    const query = filled.has('forecasts') ? '' : '?issuedHours=24';
    /** @type {import('../../../client/types.ts').ForecastList} */
    const { forecasts, issued } = await getJson(`/v1/forecasts${query}`);
    filled.add('forecasts');
    for (const forecast of forecasts) putForecast(forecast);
    fillIssued(issued);
  });

/** Buffers as they are applied now, from the margin of one perp each, which is calculated and not stored. */
const readBuffers = () =>
  once('buffers', async () => {
    if (markets === null) await readMarkets();
    const positions = (markets?.markets ?? []).flatMap(({ market, kind, feed }) => {
      const price = store.prices.get(feed)?.price ?? null;
      if (kind !== 'perp' || price === null || !(Number(price) > 0)) return [];
      return [{ kind: 'perp', id: market, market, size: '1', entryPrice: price }];
    });
    if (positions.length === 0) return;
    try {
      putBuffers(await postJson('/v1/margin/simulate', { cash: '0', positions }));
      store.buffersProblem = null;
    } catch (error) {
      store.buffersProblem = messageOf(error);
      throw error;
    }
  });

/** @param {string} accountId */
export async function readMargin(accountId) {
  try {
    const margin = await getJson(`/v1/accounts/${encodeURIComponent(accountId)}/margin`);
    putMargin(accountId, { margin, problem: null });
  } catch (error) {
    putMargin(accountId, { margin: null, problem: messageOf(error) });
    noteFailure(error);
  }
  changed();
}

/** The list has what the sweep found, the least healthy first; only what it cannot know is asked for one by one. */
const readAccounts = () =>
  once('accounts', async () => {
    try {
      /** @type {import('./store.js').AccountSummary[]} */
      const found = [];
      let cursor = null;
      for (let page = 0; page < ACCOUNT_PAGES; page += 1) {
        const query = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        /** @type {import('../../../client/types.ts').AccountList} */
        const answer = await getJson(`/v1/accounts?sort=health&limit=100${query}`);
        found.push(...answer.accounts);
        cursor = answer.nextCursor;
        if (cursor === null) break;
      }
      store.accounts = found;
      store.moreAccounts = cursor !== null;
      store.accountsProblem = null;
      changed();
      for (const accountId of unswept(found)) await readMargin(accountId);
    } catch (error) {
      store.accountsProblem = messageOf(error);
      throw error;
    }
  });

/** Accounts whose margin the list does not have, those asked longest ago first. @param {import('./store.js').AccountSummary[]} accounts */
function unswept(accounts) {
  const askedAt = (/** @type {string} */ id) => {
    const asOf = store.margins.get(id)?.margin?.asOf;
    return asOf === undefined ? Number.NEGATIVE_INFINITY : Date.parse(asOf);
  };
  return accounts
    .filter(({ margin, sequence }) => margin === null || margin.sequence < sequence)
    .map(({ accountId }) => accountId)
    .sort((a, b) => askedAt(a) - askedAt(b))
    .slice(0, MARGINS_PER_ROUND);
}

/** When margins were read because of an event; a market that moves changes many accounts at once. @type {number[]} */
let readForEvents = [];

/** The newest margin of an account that an event names; of many at once, the list tells soon. @param {string} accountId */
function readChanged(accountId) {
  const now = performance.now();
  readForEvents = readForEvents.filter((at) => now - at < MARGINS_MS);
  if (readForEvents.length >= MARGINS_PER_ROUND) return;
  readForEvents.push(now);
  void readMargin(accountId);
}

/** Which resources there are: a page must not ask for what this gateway does not serve. */
const readResources = () =>
  once('resources', async () => {
    const [health, document] = await Promise.all([getJson('/health'), getJson('/openapi.json')]);
    store.network = String(health.network);
    store.resources = new Set(Object.keys(document.paths));
  });

const hasStream = () => store.resources?.has('/v1/stream') ?? false;

/** @param {string} event @param {any} data */
function onEvent(event, data) {
  if (event === 'price') takePrice(data);
  else if (event === 'forecast') putForecast(data);
  else if (event === 'alarm') putAlarm(data);
  else if (event === 'margin') readChanged(data.accountId);
  else if (event === 'gap') {
    store.gaps += 1;
    void readEverything();
  }
  changed();
}

const readEverything = () =>
  Promise.all([readPrices(), readReadiness(), readForecasts(), readAccounts(), readBuffers()]);

/** A price whose time is over has either a newer one or an explanation: ask for it. */
function somePriceIsOver() {
  const now = marketNow();
  return [...store.prices.values()].some((price) => !price.stale && Date.parse(price.validUntil) < now);
}

/** While the quota is used, the stream has to do: it costs nothing. */
function pricesEveryMs() {
  if (!quotaIsSpare()) return store.connection.state === 'live' ? SLOWED_PRICES_MS : PRICES_MS;
  return somePriceIsOver() ? TICK_MS : PRICES_MS;
}

function tick() {
  if (store.resources === null) every('resources', 2_000, readResources);
  // While the key is asked for, only the user can change anything.
  if (store.locked) return;
  connect();
  every('prices', pricesEveryMs(), readPrices);
  every('readiness', MARGINS_MS, readReadiness);
  if (document.visibilityState === 'hidden' || !quotaIsSpare()) return;
  every('forecasts', FORECASTS_MS, readForecasts);
  every('accounts', MARGINS_MS, readAccounts);
  every('buffers', store.buffers.size === 0 ? 2 * TICK_MS : BUFFERS_MS, readBuffers);
}

/** @type {AbortController | null} */
let line = null;

function openStream() {
  line = new AbortController();
  void follow(
    {
      onEvent,
      onOpen: () => {
        setConnection('live', '');
        void readEverything();
      },
      onLost: (reason) => setConnection('lost', reason),
      onRefused: (error) => {
        if (error.status === 401) store.locked = true;
        setConnection('polling', error.message);
      },
    },
    line.signal,
  );
}

/** Opens the stream once it is known whether there is one. */
function connect() {
  if (line !== null || store.resources === null || store.locked) return;
  if (hasStream()) openStream();
  else {
    line = new AbortController();
    setConnection('polling', 'this gateway has no stream');
    void readEverything();
  }
}

/** Begins anew, at the start and after another key was given. */
export async function start() {
  line?.abort();
  line = null;
  store.locked = false;
  lastRun.clear();
  await readPrices();
  if (store.resources === null) await readResources();
  connect();
}

export function run() {
  setInterval(tick, TICK_MS);
  document.addEventListener('visibilitychange', tick);
  void start();
}
