import { ApiError, getJson } from './api.js';
import { bufferPoint, changed, fill, issuedPoint, marginPoint, store } from './store.js';

/**
 * What was before the page was opened. Each curve is asked for once, backwards from now, and ends where the gateway has
 * kept nothing; what comes later is put behind it by the store.
 */
const MINUTE_MS = 60_000;
const FORECAST = { stepMs: 60 * MINUTE_MS, count: 24 };
const MARGIN = { stepMs: 5 * MINUTE_MS, count: 12 };
/** As far apart as the store keeps prices. */
const PRICE_STEP_SECONDS = 10;

/**
 * Fills a curve unless that was begun. A key that is forgotten meanwhile takes what it was shown with it.
 * @param {string} name
 * @param {(isWanted: () => boolean) => Promise<void>} task
 */
async function once(name, task) {
  const { filled } = store;
  if (store.locked || filled.has(name)) return;
  filled.add(name);
  const isWanted = () => store.filled === filled;
  try {
    await task(isWanted);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // No past is no failure of the page, but a gateway that was not reached is asked again.
    if (error.status === 0) filled.delete(name);
  }
  if (isWanted()) changed();
}

/**
 * Answers of past moments, the newest first. The moment nearest to now may not be settled yet; behind it the first
 * refusal is where the past begins.
 * @param {{ stepMs: number, count: number }} span
 * @param {number} toMs
 * @param {(at: string) => string} path
 * @param {(answer: any) => boolean} take false: nobody waits for more
 */
async function walkBack({ stepMs, count }, toMs, path, take) {
  for (let step = 1; step <= count; step += 1) {
    try {
      if (!take(await getJson(path(new Date(toMs - step * stepMs).toISOString())))) return;
    } catch (error) {
      if (step > 1 || !(error instanceof ApiError) || error.status === 0) throw error;
    }
  }
}

/** Prices of the last hour. @param {string} feed */
export const fillPrices = (feed) =>
  once(`price ${feed}`, async () => {
    const query = `step=${PRICE_STEP_SECONDS}&limit=1000`;
    /** @type {import('zod').infer<typeof import('../../../schemas/price-history.ts').priceHistorySchema>} */
    const { prices } = await getJson(`/v1/prices/${encodeURIComponent(feed)}/history?${query}`);
    const points = prices.map(({ asOf, price }) => ({
      time: Date.parse(asOf) / 1000,
      price: price === null ? null : Number(price),
    }));
    fill(store.priceHistory, feed, points);
  });

/** Forecasts of the last day. @param {import('./store.js').Forecast} newest */
export const fillForecasts = ({ asset, asOf }) =>
  once(`forecast ${asset}`, () =>
    walkBack(
      FORECAST,
      Date.parse(asOf),
      (at) => `/v1/forecasts/${encodeURIComponent(asset)}?at=${at}`,
      (forecast) => {
        const point = issuedPoint(forecast);
        if (point !== null) fill(store.issued, asset, [point]);
        changed();
        return true;
      },
    ),
  );

/** Net margins of the hour before one. @param {string} accountId @param {string} asOf */
export const fillMargins = (accountId, asOf) =>
  once(`margin ${accountId}`, (isWanted) =>
    walkBack(MARGIN, Date.parse(asOf), marginAt(accountId), (margin) => {
      if (!isWanted()) return false;
      fill(store.marginHistory, accountId, [marginPoint(margin)]);
      changed();
      return true;
    }),
  );

/** Buffers of the last hour, as the margins of accounts that hold the assets had them. */
export function fillBuffers() {
  for (const asset of store.buffers.keys()) {
    const holder = [...store.margins].find(([, { margin }]) =>
      margin?.buffers.some((buffer) => buffer.asset === asset),
    );
    if (holder?.[1].margin) void fillBuffer(asset, holder[0], holder[1].margin.asOf);
  }
}

/** @param {string} asset @param {string} accountId @param {string} to */
const fillBuffer = (asset, accountId, to) =>
  once(`buffer ${asset}`, (isWanted) =>
    walkBack(
      MARGIN,
      Date.parse(to),
      marginAt(accountId),
      (/** @type {import('./store.js').Margin} */ { asOf, buffers }) => {
        if (!isWanted()) return false;
        const buffer = buffers.find((one) => one.asset === asset);
        if (buffer === undefined) return false;
        fill(store.bufferHistory, asset, [bufferPoint(asOf, buffer)]);
        changed();
        return true;
      },
    ),
  );

/** @param {string} accountId @returns {(at: string) => string} */
const marginAt = (accountId) => (at) => `/v1/accounts/${encodeURIComponent(accountId)}/margin?at=${at}`;
