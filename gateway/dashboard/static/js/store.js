/**
 * What the page knows, and when it came. Views read it and are told when it changes; who asks the gateway is sync.js.
 *
 * @typedef {import('../../../client/types.ts').Price} Price
 * @typedef {import('../../../client/types.ts').Forecast} Forecast
 * @typedef {NonNullable<import('../../../client/types.ts').ForecastList['issued']>[number]['forecasts'][number]} Issued
 * @typedef {import('../../../client/types.ts').Margin} Margin
 * @typedef {import('../../../client/types.ts').AccountList['accounts'][number]} AccountSummary
 * @typedef {import('../../../schemas/alarm.ts').AlarmDto} Alarm
 * @typedef {Margin['buffers'][number]} Buffer
 * @typedef {{ name: string, ok: boolean, detail: string }} Check
 * @typedef {{ margin: Margin, problem: null } | { margin: null, problem: string }} MarginState
 *
 * @typedef {object} Connection
 * @property {'connecting' | 'live' | 'polling' | 'lost'} state `polling`: the gateway has no stream.
 * @property {string} reason
 * @property {number} since Wall milliseconds.
 */

/** Points of a chart kept per series; at one in 10 s that is more than three hours. */
const KEPT_POINTS = 1200;
/** Prices come several times a second; a curve of an hour needs fewer. */
const PRICE_STEP_SECONDS = 10;
const KEPT_ALARMS = 500;

export const store = {
  network: '',
  /** Paths of the resources that this gateway serves; null until known. @type {ReadonlySet<string> | null} */
  resources: null,
  /** @type {Connection} */
  connection: { state: 'connecting', reason: '', since: Date.now() },
  /** A 401: a key is asked for, or the one given is not known. */
  locked: false,
  /** @type {Map<string, Price>} */
  prices: new Map(),
  /** null: no price could be formed. @type {Map<string, { time: number, price: number | null }[]>} */
  priceHistory: new Map(),
  /** @type {string | null} */
  pricesProblem: null,
  /** @type {Map<string, Forecast>} */
  forecasts: new Map(),
  /** One point per issued forecast. @type {Map<string, { time: number, volatility: number, high: boolean }[]>} */
  issued: new Map(),
  /** @type {{ ready: boolean, checks: Check[] } | null} */
  readiness: null,
  /** @type {AccountSummary[] | null} */
  accounts: null,
  moreAccounts: false,
  /** @type {string | null} */
  accountsProblem: null,
  /** @type {Map<string, MarginState>} */
  margins: new Map(),
  /** Net margins as they were answered. @type {Map<string, { time: number, initial: number, maintenance: number }[]>} */
  marginHistory: new Map(),
  /** @type {Map<string, Buffer>} */
  buffers: new Map(),
  /** @type {string | null} */
  buffersProblem: null,
  /** @type {Map<string, { time: number, initial: number, maintenance: number }[]>} */
  bufferHistory: new Map(),
  /** Curves whose past was asked for; another set for another key. @type {Set<string>} */
  filled: new Set(),
  /** Newest first. @type {Alarm[]} */
  alarms: [],
  /** The stream lost events; a remark for the alarm log. */
  gaps: 0,
};

/** @type {Set<() => void>} */
const listeners = new Set();
let pending = false;

/** @param {() => void} listener @returns {() => void} ends it */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tells the views, once for everything that changed since they were last told. */
export function changed() {
  if (pending) return;
  pending = true;
  setTimeout(() => {
    pending = false;
    for (const listener of listeners) listener();
  }, 50);
}

/**
 * @template {{ time: number }} P
 * @param {Map<string, P[]>} histories
 * @param {string} name
 * @param {P} point Ignored unless it is newer than the last.
 */
function record(histories, name, point) {
  const points = histories.get(name) ?? [];
  const last = points.at(-1);
  if (last !== undefined && point.time <= last.time) return;
  points.push(point);
  if (points.length > KEPT_POINTS) points.shift();
  histories.set(name, points);
}

/**
 * Puts points before those that are there; what the page has seen itself stays.
 * @template {{ time: number }} P
 * @param {Map<string, P[]>} histories
 * @param {string} name
 * @param {readonly P[]} points Ascending.
 */
export function fill(histories, name, points) {
  const known = histories.get(name) ?? [];
  const first = known[0]?.time ?? Number.POSITIVE_INFINITY;
  histories.set(name, [...points.filter(({ time }) => time < first), ...known].slice(-KEPT_POINTS));
}

/** @param {Price} price */
export function putPrice(price) {
  const known = store.prices.get(price.feed);
  // An answer may be overtaken by an event; a restarted demo begins earlier and counts nevertheless.
  const backMs = known === undefined ? 0 : Date.parse(known.asOf) - Date.parse(price.asOf);
  if (backMs > 0 && backMs < 60_000) return;
  store.prices.set(price.feed, price);
  const time = Date.parse(price.asOf) / 1000;
  const last = store.priceHistory.get(price.feed)?.at(-1)?.time ?? Number.NEGATIVE_INFINITY;
  if (time - last < PRICE_STEP_SECONDS) return;
  record(store.priceHistory, price.feed, { time, price: price.price === null ? null : Number(price.price) });
}

/** The quantile at p, or null. @param {Forecast['horizons'][number]} horizon @param {number} p */
export const quantileAt = (horizon, p) =>
  horizon.quantiles.find((one) => Math.abs(one.p - p) < 1e-9)?.annualisedVolatility ?? null;

/** High while the gateway gives a probability of a high regime and none of its onset. @param {Forecast} forecast */
export function regimeOf(forecast) {
  const told = forecast.horizons.find(({ highVolatilityProbability }) => highVolatilityProbability !== null);
  if (told === undefined) return 'unknown';
  return told.onsetProbability === null ? 'high' : 'calm';
}

/** What the curve of issued forecasts shows of one; null without a median. @param {Issued} issued */
export function issuedPoint({ asOf, medianVolatility, highVolatilityProbability, onsetProbability }) {
  if (medianVolatility === null) return null;
  const high = highVolatilityProbability !== null && onsetProbability === null;
  return { time: Date.parse(asOf) / 1000, volatility: medianVolatility, high };
}

/** @param {Margin} margin */
export const marginPoint = ({ asOf, net }) => ({
  time: Date.parse(asOf) / 1000,
  initial: Number(net.initial),
  maintenance: Number(net.maintenance),
});

/** @param {string} asOf @param {Buffer} buffer */
export const bufferPoint = (asOf, buffer) => ({
  time: Date.parse(asOf) / 1000,
  initial: buffer.initialFactor,
  maintenance: buffer.maintenanceFactor,
});

/** @param {Forecast} forecast */
export function putForecast(forecast) {
  store.forecasts.set(forecast.asset, forecast);
  const { asOf, horizons } = forecast;
  const day = horizons.at(-1);
  const point =
    day === undefined ? null : issuedPoint({ ...day, asOf, medianVolatility: quantileAt(day, 0.5) });
  if (point !== null) record(store.issued, forecast.asset, point);
}

/** @param {string} accountId @param {MarginState} state */
export function putMargin(accountId, state) {
  store.margins.set(accountId, state);
  if (state.margin !== null) record(store.marginHistory, accountId, marginPoint(state.margin));
}

/** @param {Margin} margin */
export function putBuffers({ asOf, buffers }) {
  for (const buffer of buffers) {
    store.buffers.set(buffer.asset, buffer);
    record(store.bufferHistory, buffer.asset, bufferPoint(asOf, buffer));
  }
}

/** @param {Alarm} alarm */
export function putAlarm(alarm) {
  store.alarms.unshift(alarm);
  store.alarms.length = Math.min(store.alarms.length, KEPT_ALARMS);
}

/** @param {Connection['state']} state @param {string} reason */
export function setConnection(state, reason) {
  if (store.connection.state === state) return;
  store.connection = { state, reason, since: Date.now() };
  changed();
}

/** Forgets what a key has shown, when it is another's turn. */
export function forgetTenant() {
  store.accounts = null;
  store.accountsProblem = null;
  store.moreAccounts = false;
  store.margins.clear();
  store.marginHistory.clear();
  store.buffers.clear();
  store.bufferHistory.clear();
  store.filled = new Set();
}
