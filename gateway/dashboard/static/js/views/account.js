import { getJson, messageOf, quotaIsSpare } from '../api.js';
import { h } from '../dom.js';
import { money, move, time } from '../format.js';
import { staleReason } from '../freshness.js';
import { fillMargins } from '../history.js';
import { marketNow } from '../market-clock.js';
import { notice, section, stateLine, statusBadge } from '../parts.js';
import { store } from '../store.js';
import { readMargin } from '../sync.js';
import { createTable } from '../table.js';
import { accountMargin } from './account-margin.js';
import { heatMap } from './heat-map.js';
import { liquidationLadder, liquidationPrices } from './liquidation.js';

/** @typedef {import('../../../../client/types.ts').Stress} Stress */
/** @typedef {Stress['scenarios'][number]} Scenario */
/** @typedef {{ asOf: string, stale: boolean, validUntil: string, reasons: { code: string, message: string }[] }} Envelope */

/** Analyses cost the gateway more than reads; they are asked anew when their time is over, at most this often. */
const ANALYSIS_MS = 10_000;
const MARGIN_MS = 2_000;

/** @param {HTMLElement} root @param {string} accountId */
export function accountView(root, accountId) {
  const note = notice();
  const current = stateLine();
  const margin = accountMargin(accountId);
  const analyses = [stressPart(accountId), pricePart(accountId), planPart(accountId)];
  root.append(
    h('p', { class: 'back' }, h('a', { href: '#/accounts' }, 'All accounts')),
    h('h1', { tabindex: -1 }, 'Account ', h('span', { class: 'id' }, accountId)),
    note.element,
    current.element,
    margin.element,
    ...analyses.map(({ element }) => element),
  );
  /** @type {import('../store.js').Margin | null} */
  let shown = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  let busy = false;

  async function refresh() {
    busy = true;
    for (const analysis of analyses) await analysis.refresh();
    busy = false;
  }
  return {
    update() {
      const now = performance.now();
      const mayAsk =
        !store.locked && (askedAt < 0 || (quotaIsSpare() && document.visibilityState === 'visible'));
      if (mayAsk && now - askedAt >= MARGIN_MS) {
        askedAt = now;
        void readMargin(accountId);
      }
      if (!busy && mayAsk) void refresh();
      const state = store.margins.get(accountId) ?? null;
      if (state?.margin && state.margin !== shown) {
        shown = state.margin;
        void fillMargins(accountId, shown.asOf);
        margin.update(shown);
      }
      margin.element.hidden = shown === null;
      const stale = shown === null ? null : staleReason(shown);
      if (state !== null && state.margin === null) note.say(`The margin could not be read: ${state.problem}`);
      else if (state === null) note.say('The margin has not been answered yet.');
      else note.say(null);
      if (shown !== null) current.say(stale, `As of ${time(shown.asOf)} UTC.`);
      margin.element.classList.toggle('stale', stale !== null || state?.margin === null);
      for (const analysis of analyses) analysis.update();
    },
    destroy() {
      margin.destroy();
      for (const analysis of analyses) analysis.destroy();
    },
  };
}

/**
 * A section over an analysis of the account, with its own freshness.
 * @param {string} title
 * @param {string} path
 * @param {HTMLElement} content
 * @param {(answer: any) => void} show
 * @param {() => void} destroy
 */
function analysis(title, path, content, show, destroy) {
  const note = notice();
  const made = stateLine();
  content.hidden = true;
  const element = section(title, note.element, made.element, content);
  /** @type {Envelope | null} */
  let answer = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  /** @type {string | null} */
  let problem = null;
  return {
    element,
    destroy,
    async refresh() {
      const over = answer === null || answer.stale || Date.parse(answer.validUntil) <= marketNow();
      if (!over || performance.now() - askedAt < ANALYSIS_MS) return;
      askedAt = performance.now();
      try {
        /** @type {Envelope} */
        const found = await getJson(path);
        answer = found;
        problem = null;
        show(found);
        content.hidden = false;
      } catch (error) {
        problem = messageOf(error);
      }
      this.update();
    },
    update() {
      const stale = answer === null ? null : staleReason(answer);
      if (problem !== null)
        note.say(`This could not be read${answer === null ? '' : ', what is below may be old'}: ${problem}`);
      else if (answer === null) note.say('Not answered yet.');
      else note.say(null);
      if (answer !== null) made.say(stale, `As of ${time(answer.asOf)} UTC.`);
      content.classList.toggle('stale', stale !== null || problem !== null);
    },
  };
}

/** @param {string} accountId */
const at = (accountId) => `/v1/accounts/${encodeURIComponent(accountId)}`;

/** @param {string} accountId */
function stressPart(accountId) {
  const map = heatMap();
  const reverse = h('p');
  const scenarios = createTable({
    caption: 'Stress scenarios',
    columns: [
      {
        label: 'Scenario',
        header: true,
        text: (/** @type {Scenario} */ { name }) => name,
        hint: ({ source }) => source,
        sort: ({ name }) => name,
      },
      {
        label: 'Health',
        text: ({ status }) => status,
        node: ({ status }) => statusBadge(status),
        sort: ({ status }) => status,
      },
      {
        label: 'Change of equity',
        numeric: true,
        text: ({ change }) => money(change),
        sort: ({ change }) => Number(change),
      },
      {
        label: 'Net maintenance',
        numeric: true,
        text: ({ net }) => money(net.maintenance),
        sort: ({ net }) => Number(net.maintenance),
      },
      {
        label: 'Equity after closing',
        numeric: true,
        text: ({ equityAfterClosing }) => money(equityAfterClosing),
        sort: (row) => Number(row.equityAfterClosing),
      },
    ],
    key: ({ name }) => name,
    sorted: { column: 3, descending: false },
    empty: 'No scenario.',
  });
  const content = h('div', {}, map.element, reverse, scenarios.element);
  /** @param {Stress} stress */
  const show = (stress) => {
    map.update(stress.grid);
    const { reverse: least } = stress;
    reverse.textContent =
      least === null
        ? 'No move from 0.001 to 10 times the price brings net maintenance to 0, or a position cannot be valued.'
        : `Smallest move that brings net maintenance to 0: ${least.asset ?? `all assets along their betas, ${least.reference}`} ${move(least.move)}.`;
    scenarios.update(stress.scenarios);
  };
  return analysis('Stress', `${at(accountId)}/stress`, content, show, () => {});
}

/** @param {string} accountId */
function pricePart(accountId) {
  const part = liquidationPrices();
  return analysis(
    'Liquidation prices',
    `${at(accountId)}/liquidation-price`,
    part.element,
    part.update,
    () => {},
  );
}

/** @param {string} accountId */
function planPart(accountId) {
  const part = liquidationLadder();
  return analysis(
    'Liquidation ladder',
    `${at(accountId)}/liquidation-plan`,
    part.element,
    part.update,
    part.destroy,
  );
}
