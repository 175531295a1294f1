import { h } from '../dom.js';
import { minus, money, NONE, percent, time } from '../format.js';
import { staleReason } from '../freshness.js';
import { marketPace } from '../market-clock.js';
import { badge, notice, severity, statusBadge } from '../parts.js';
import { store } from '../store.js';
import { createTable } from '../table.js';

/** Sweeps come every few seconds of wall time; one that is older than this has not come. */
const SWEPT_FOR_MS = 30_000;

/** @typedef {{ summary: import('../store.js').AccountSummary, state: import('../store.js').MarginState | null }} Row */

/**
 * What is known of an account's margin: the one that was asked for, or that of the last sweep when it is newer or of a
 * newer book. null: neither.
 * @param {Row} row
 */
function marginOf({ summary, state }) {
  const swept = summary.margin;
  const asked = state?.margin ?? null;
  const isAsked = asked !== null && (swept === null || Date.parse(asked.asOf) >= Date.parse(swept.asOf));
  if (isAsked) {
    const { status, equity, requirement, net, asOf } = asked;
    return { status, equity, ...requirement, net: net.maintenance, asOf, stale: staleReason(asked) };
  }
  if (swept === null) return null;
  const { status, equity, initial, maintenance, asOf } = swept;
  return {
    status,
    equity,
    initial,
    maintenance,
    net: minus(equity, maintenance),
    asOf,
    stale: lateSweep(asOf),
  };
}
/** @typedef {NonNullable<ReturnType<typeof marginOf>>} Figures */

/** Why what a sweep found is not current; null while it is. @param {string} asOf */
function lateSweep(asOf) {
  const validUntil = Date.parse(asOf) + SWEPT_FOR_MS * Math.max(1, marketPace());
  return staleReason({ stale: false, validUntil: new Date(validUntil).toISOString(), reasons: [] });
}

/** Maintenance requirement as a share of equity; null without equity. @param {Row} row */
function used(row) {
  const margin = marginOf(row);
  if (margin === null) return null;
  const [requirement, equity] = [Number(margin.maintenance), Number(margin.equity)];
  if (margin.status === 'unknown') return null;
  return equity > 0 ? requirement / equity : requirement > 0 ? Number.POSITIVE_INFINITY : 0;
}

/** Worst status first, within it whose maintenance takes the largest share of equity. @param {Row} row */
function health(row) {
  const margin = marginOf(row);
  if (margin === null) return 100;
  const share = used(row) ?? 0;
  return severity(margin.status) - Math.min(share, 1e6) / 1e7;
}

/** @param {string} label @param {(margin: Figures) => string} of */
const amount = (label, of) => ({
  label,
  numeric: true,
  text: (/** @type {Row} */ row) => {
    const margin = marginOf(row);
    return margin === null ? NONE : money(of(margin));
  },
  hint: (/** @type {Row} */ row) => {
    const margin = marginOf(row);
    return margin === null ? '' : of(margin);
  },
  sort: (/** @type {Row} */ row) => {
    const margin = marginOf(row);
    return margin === null ? null : Number(of(margin));
  },
});

/** @returns {readonly import('../table.js').Column<Row>[]} */
const columns = () => [
  {
    label: 'Account',
    header: true,
    text: ({ summary }) => summary.accountId,
    node: ({ summary }) =>
      h('a', { href: `#/accounts/${encodeURIComponent(summary.accountId)}` }, summary.accountId),
    sort: ({ summary }) => summary.accountId,
  },
  {
    label: 'Health',
    text: (row) => marginOf(row)?.status ?? row.state?.problem ?? 'asked',
    node: (row) => {
      const margin = marginOf(row);
      if (margin !== null) return statusBadge(margin.status);
      return row.state === null ? badge('off', 'asked') : badge('off', 'no answer', row.state.problem ?? '');
    },
    sort: health,
  },
  {
    label: 'Maint. / equity',
    numeric: true,
    text: (row) => {
      const share = used(row);
      return share === null ? NONE : share === Number.POSITIVE_INFINITY ? 'no equity' : percent(share);
    },
    node: (row) => {
      const share = used(row);
      if (share === null) return document.createTextNode(NONE);
      if (share === Number.POSITIVE_INFINITY) return document.createTextNode('no equity');
      const bar = h('meter', {
        min: 0,
        max: 1,
        low: 0.6,
        high: 0.85,
        optimum: 0,
        value: Math.min(1, share),
        'aria-hidden': 'true',
      });
      return h('span', { class: 'with-bar' }, bar, percent(share));
    },
    sort: used,
  },
  amount('Equity', ({ equity }) => equity),
  amount('Initial', ({ initial }) => initial),
  amount('Maintenance', ({ maintenance }) => maintenance),
  amount('Net maintenance', ({ net }) => net),
  {
    label: 'Positions',
    numeric: true,
    text: ({ summary }) => String(summary.positionCount),
    sort: ({ summary }) => summary.positionCount,
  },
  {
    label: 'State',
    text: (row) => {
      const margin = marginOf(row);
      return margin === null ? (row.state?.problem ?? NONE) : (margin.stale ?? 'current');
    },
    node: (row) => {
      const margin = marginOf(row);
      if (margin === null) return badge('off', 'no answer', row.state?.problem ?? '');
      const asOf = `as of ${time(margin.asOf)} UTC`;
      return margin.stale === null
        ? badge('good', 'current', asOf)
        : badge('bad', 'stale', `${margin.stale}; ${asOf}`);
    },
  },
  {
    label: 'Book of (UTC)',
    text: ({ summary }) => time(summary.updatedAt),
    sort: ({ summary }) => summary.updatedAt,
  },
];

/** @param {HTMLElement} root */
export function accountsView(root) {
  const note = notice();
  const table = createTable({
    caption: 'Accounts by health',
    columns: columns(),
    key: ({ summary }) => summary.accountId,
    rowClass: (row) => {
      const margin = marginOf(row);
      return margin === null || margin.stale !== null ? 'stale' : '';
    },
    sorted: { column: 1, descending: false },
    empty: 'This protocol has no accounts.',
  });
  root.append(h('h1', { tabindex: -1 }, 'Accounts'), note.element, table.element);
  return {
    update() {
      const { accounts, accountsProblem, moreAccounts } = store;
      if (accountsProblem !== null) note.say(`Accounts could not be read: ${accountsProblem}`);
      else if (accounts === null) note.say('Accounts have not been answered yet.');
      else
        note.say(
          moreAccounts
            ? `There are more accounts than the ${accounts.length} shown here, the least healthy by the last sweep.`
            : null,
        );
      table.element.hidden = accounts === null;
      table.update(
        (accounts ?? []).map((summary) => ({ summary, state: store.margins.get(summary.accountId) ?? null })),
      );
    },
    destroy() {},
  };
}
