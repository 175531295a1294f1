import { ApiError, getJson } from './api.js';
import { marketNow } from './market-clock.js';
import { bufferPoint, changed, fill, issuedPoint, marginPoint, store } from './store.js';

/**
 * What was before the page was opened. Each curve is asked for once, backwards from now, and ends where the gateway has
 * kept nothing; what comes later is put behind it by the store.
 */
const MINUTE_MS = 60_000;
/** One request each, so few. */
const MARGIN = { stepMs: 10 * MINUTE_MS, count: 6 };
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

/** The medians issued in the last day, of all assets. @param {import('../../../client/types.ts').ForecastList['issued']} issued */
export function fillIssued(issued) {
  for (const { asset, forecasts } of issued ?? []) {
    fill(
      store.issued,
      asset,
      forecasts.map(issuedPoint).filter((point) => point !== null),
    );
  }
}

/** Net margins of the hour before one, and the buffers in them. @param {string} accountId @param {string} asOf */
export const fillMargins = (accountId, asOf) =>
  once(`margin ${accountId}`, (isWanted) =>
    walkBack(
      MARGIN,
      Date.parse(asOf),
      (at) => `/v1/accounts/${encodeURIComponent(accountId)}/margin?at=${at}`,
      (/** @type {import('./store.js').Margin} */ margin) => {
        if (!isWanted()) return false;
        fill(store.marginHistory, accountId, [marginPoint(margin)]);
        for (const buffer of margin.buffers) {
          fill(store.bufferHistory, buffer.asset, [bufferPoint(margin.asOf, buffer)]);
        }
        changed();
        return true;
      },
    ),
  );

/** Buffers of the last hour, as the account with most positions had them: no other is asked for them. */
export function fillBuffers() {
  const [largest] = [...(store.accounts ?? [])].sort((a, b) => b.positionCount - a.positionCount);
  if (largest !== undefined && largest.positionCount > 0) {
    void fillMargins(largest.accountId, new Date(marketNow()).toISOString());
  }
}
