import { getJson, messageOf } from '../api.js';
import { createChart } from '../chart.js';
import { h, replace } from '../dom.js';
import { age, codes, money, NONE, number, price as priceText, since } from '../format.js';
import { staleReason } from '../freshness.js';
import { fillPrices } from '../history.js';
import { marketNow } from '../market-clock.js';
import { badge, notice, reasonList, section, verdictBadge } from '../parts.js';
import { store } from '../store.js';
import { createTable } from '../table.js';

/** @typedef {import('../store.js').Price} Price */
/** @typedef {import('../../../../client/types.ts').Evidence['votes'][number]} Vote */

const EVIDENCE_MS = 3_000;

/** @param {Price} price */
const ageOf = (price) =>
  price.publishTime === null ? null : (marketNow() - Date.parse(price.publishTime)) / 1000;

/** Reasons of all verdicts, each once. @param {Price} price */
function allReasons({ reasons, verdicts }) {
  const all = [...reasons, ...Object.values(verdicts).flatMap((verdict) => verdict.reasons)];
  return [...new Map(all.map((reason) => [`${reason.code} ${reason.message}`, reason])).values()];
}

/** @param {'open' | 'margin' | 'liquidate'} purpose @param {string} label */
const verdictColumn = (purpose, label) => ({
  label,
  text: (/** @type {Price} */ { verdicts }) =>
    `${verdicts[purpose].usable} ${verdicts[purpose].reasons.map(({ message }) => message).join('; ')}`,
  node: (/** @type {Price} */ { verdicts }) => verdictBadge(verdicts[purpose]),
  sort: (/** @type {Price} */ { verdicts }) => Number(verdicts[purpose].usable),
});

/** @returns {readonly import('../table.js').Column<Price>[]} */
const priceColumns = () => [
  {
    label: 'Feed',
    header: true,
    text: ({ feed }) => feed,
    node: ({ feed }) => h('a', { href: `#/prices/${encodeURIComponent(feed)}` }, feed),
    sort: ({ feed }) => feed,
  },
  {
    label: 'Price',
    numeric: true,
    text: ({ price, quote }) => (price === null ? 'no price' : `${priceText(price)} ${quote}`),
    hint: ({ price }) => price ?? '',
    sort: ({ price }) => (price === null ? null : Number(price)),
  },
  { label: '± Confidence', numeric: true, text: ({ confidence }) => priceText(confidence) },
  {
    label: 'Score',
    numeric: true,
    text: ({ confidenceScore }) => number(confidenceScore),
    sort: ({ confidenceScore }) => confidenceScore,
  },
  { label: 'Age', numeric: true, text: (price) => age(ageOf(price)), sort: ageOf },
  {
    label: 'State',
    text: (price) => staleReason(price) ?? 'current',
    node: (price) => {
      const stale = staleReason(price);
      return stale === null ? badge('good', 'current') : badge('bad', 'stale', stale);
    },
    sort: (price) => Number(staleReason(price) === null),
  },
  verdictColumn('open', 'Open'),
  verdictColumn('margin', 'Margin'),
  verdictColumn('liquidate', 'Liquidate'),
  {
    label: 'Sources',
    numeric: true,
    text: ({ sources }) => `${sources.filter(({ included }) => included).length} of ${sources.length}`,
    sort: ({ sources }) => sources.filter(({ included }) => included).length,
  },
  {
    label: 'Why',
    text: (price) => {
      const stale = staleReason(price);
      return codes(allReasons(price)) || (stale ?? NONE);
    },
    hint: (price) =>
      allReasons(price)
        .map(({ message }) => message)
        .join('; '),
  },
];

/** @returns {readonly import('../table.js').Column<Vote>[]} */
const voteColumns = () => [
  { label: 'Source', header: true, text: ({ source }) => source, sort: ({ source }) => source },
  { label: 'Kind', text: ({ kind }) => kind, sort: ({ kind }) => kind },
  { label: 'Chain', text: ({ chain }) => chain ?? NONE, sort: ({ chain }) => chain ?? '' },
  {
    label: 'Vote',
    text: ({ included }) => (included ? 'counted' : 'left out'),
    node: ({ included }) => badge(included ? 'good' : 'off', included ? 'counted' : 'left out'),
    sort: ({ included }) => Number(included),
  },
  { label: 'Weight', numeric: true, text: ({ weight }) => number(weight), sort: ({ weight }) => weight },
  {
    label: 'Price',
    numeric: true,
    text: ({ price }) => priceText(price),
    hint: ({ price }) => price ?? '',
    sort: ({ price }) => (price === null ? null : Number(price)),
  },
  {
    label: 'Age when judged',
    numeric: true,
    text: ({ ageSeconds }) => age(ageSeconds),
    sort: ({ ageSeconds }) => ageSeconds,
  },
  {
    label: 'Why',
    text: ({ reasons, failure }) =>
      reasons.map(({ code, message }) => `${code}: ${message}`).join('; ') || (failure?.message ?? NONE),
  },
];

/** @param {HTMLElement} root @param {string | null} feed whose evidence is shown */
export function pricesView(root, feed) {
  const note = notice();
  const table = createTable({
    caption: 'Prices and their verdicts',
    columns: priceColumns(),
    key: (price) => price.feed,
    rowClass: (price) =>
      `${staleReason(price) === null ? '' : 'stale'} ${price.feed === feed ? 'chosen' : ''}`.trim(),
    sorted: { column: 0, descending: false },
    empty: 'No price has been answered yet.',
  });
  root.append(h('h1', { tabindex: -1 }, 'Prices'), note.element, table.element);
  const evidence = feed === null ? null : evidencePanel(feed);
  if (evidence === null)
    root.append(h('p', { class: 'hint' }, 'Choose a feed to see what every source said.'));
  else root.append(evidence.element);
  return {
    update() {
      note.say(store.pricesProblem === null ? null : `Prices could not be read: ${store.pricesProblem}`);
      table.update([...store.prices.values()]);
      evidence?.update();
    },
    destroy() {
      evidence?.destroy();
    },
  };
}

/** @param {string} feed */
function evidencePanel(feed) {
  const table = createTable({
    caption: `What the sources of ${feed} said`,
    columns: voteColumns(),
    key: (vote) => vote.source,
    rowClass: ({ included }) => (included ? '' : 'stale'),
    empty: 'No evidence has been answered yet.',
  });
  const note = notice();
  const facts = h('div');
  const chart = createChart({
    label: `Price of ${feed}`,
    lines: [{ label: 'Price', colour: '--line', gaps: true }],
    format: (value) => priceText(String(value)),
    height: 160,
  });
  const close = h('p', {}, h('a', { href: '#/prices' }, 'Close the evidence'));
  const element = section(`Evidence of ${feed}`, note.element, facts, chart.element, table.element, close);
  let askedAt = Number.NEGATIVE_INFINITY;

  async function read() {
    try {
      /** @type {import('../../../../client/types.ts').Evidence} */
      const { price, votes, memory } = await getJson(`/v1/prices/${encodeURIComponent(feed)}/evidence`);
      table.update(votes);
      const good = memory?.lastGood ?? null;
      replace(
        facts,
        reasonList(allReasons(price)),
        good === null
          ? null
          : h('p', { class: 'hint' }, `Last price usable for margin: ${money(good.price)} at ${good.at}.`),
      );
      note.say(null);
    } catch (error) {
      note.say(`The evidence could not be read, what is below may be old: ${messageOf(error)}`);
    }
  }
  return {
    element,
    update() {
      const points = store.priceHistory.get(feed) ?? [];
      const newest = store.prices.get(feed)?.price ?? null;
      chart.update(
        [points.map((point) => point.time), points.map((point) => point.price)],
        `${newest === null ? 'No price now' : `Now ${priceText(newest)}`}${since(points)}`,
      );
      if (store.locked) return;
      // An unknown feed has no past either.
      if (store.prices.has(feed)) void fillPrices(feed);
      if (performance.now() - askedAt < EVIDENCE_MS) return;
      askedAt = performance.now();
      void read();
    },
    destroy: chart.destroy,
  };
}
