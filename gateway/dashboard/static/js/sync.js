import { ApiError, getJson, messageOf, postJson } from './api.js';
import { fillForecasts } from './history.js';
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
/** Answers are good for 10 s in live operation. */
const MARGINS_MS = 5_000;
const FORECASTS_MS = 30_000;
const TICK_MS = 1_000;
/** Pages of 100; more accounts than that are said to be there, and not asked one by one. */
const ACCOUNT_PAGES = 5;
const ACCOUNTS_AT_ONCE = 4;
const FEW_ACCOUNTS = 50;

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

/** Assets that somebody may trade; what is collateral only has no forecast to show. */
const tradedAssets = () => [
  ...new Set([
    ...(markets?.markets ?? []).filter(({ kind }) => kind !== 'collateral').map(({ asset }) => asset),
    ...(markets?.options ?? []).map(({ asset }) => asset),
  ]),
];

const readForecasts = () =>
  once('forecasts', async () => {
    if (markets === null) await readMarkets();
    for (const asset of tradedAssets()) {
      try {
        /** @type {import('./store.js').Forecast} */
        const forecast = await getJson(`/v1/forecasts/${encodeURIComponent(asset)}`);
        putForecast(forecast);
        void fillForecasts(forecast);
      } catch (error) {
        // An asset without a forecast is no failure of the page.
        if (!(error instanceof ApiError) || ![404, 503].includes(error.status)) throw error;
      }
    }
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

const readAccounts = () =>
  once('accounts', async () => {
    try {
      /** @type {import('./store.js').AccountSummary[]} */
      const found = [];
      let cursor = null;
      for (let page = 0; page < ACCOUNT_PAGES; page += 1) {
        const query = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        /** @type {import('../../../client/types.ts').AccountList} */
        const answer = await getJson(`/v1/accounts?limit=100${query}`);
        found.push(...answer.accounts);
        cursor = answer.nextCursor;
        if (cursor === null) break;
      }
      store.accounts = found;
      store.moreAccounts = cursor !== null;
      store.accountsProblem = null;
      changed();
      const waiting = found.map(({ accountId }) => accountId);
      const work = async () => {
        for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await readMargin(id);
      };
      await Promise.all(Array.from({ length: ACCOUNTS_AT_ONCE }, work));
    } catch (error) {
      store.accountsProblem = messageOf(error);
      throw error;
    }
  });

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
  else if (event === 'margin') void readMargin(data.accountId);
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

/** The same for margins, while there are few enough to be asked so often. */
function someMarginIsOver() {
  const now = marketNow();
  return (
    store.margins.size <= FEW_ACCOUNTS &&
    [...store.margins.values()].some(({ margin }) => margin !== null && Date.parse(margin.validUntil) < now)
  );
}

function tick() {
  if (store.resources === null) every('resources', 2_000, readResources);
  // While the key is asked for, only the user can change anything.
  if (store.locked) return;
  connect();
  every('prices', somePriceIsOver() ? TICK_MS : PRICES_MS, readPrices);
  every('readiness', MARGINS_MS, readReadiness);
  if (document.visibilityState === 'hidden') return;
  every('forecasts', FORECASTS_MS, readForecasts);
  every('accounts', someMarginIsOver() ? TICK_MS : MARGINS_MS, readAccounts);
  every('buffers', store.buffers.size === 0 ? TICK_MS : MARGINS_MS, readBuffers);
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
