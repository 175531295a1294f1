import { getJson, messageOf } from '../api.js';
import { h, replace } from '../dom.js';
import { money, NONE, percent, time } from '../format.js';
import { figure, notice, section, statusBadge } from '../parts.js';
import { createTable } from '../table.js';
import { approvalsText, nextText, stateBadge, valueText } from './proposal-columns.js';

/** @typedef {import('./proposal-columns.js').Proposal} Proposal */
/** @typedef {import('./proposal-columns.js').Change} Change */
/** @typedef {import('zod').infer<typeof import('../../../../schemas/proposal.ts').impactListSchema>['accounts'][number]} Impact */
/** @typedef {NonNullable<Proposal['onChain']>['changes'][number]} Decision */

const CALLED = new Set(['margin-call', 'liquidatable', 'insolvent']);
const LIQUIDATED = new Set(['liquidatable', 'insolvent']);
const IMPACT_LIMIT = 1000;
/** Rows that a person can read; the API has them all. */
const SHOWN = 100;

/** What a person has to look at first: who is newly liquidatable, then newly called, then the rest. @param {Impact} row */
function weight({ statusBefore, statusAfter }) {
  if (LIQUIDATED.has(statusAfter) && !LIQUIDATED.has(statusBefore)) return 3;
  if (CALLED.has(statusAfter) && !CALLED.has(statusBefore)) return 2;
  return statusBefore === statusAfter ? 0 : 1;
}

/** @param {Impact} row */
const rise = ({ initialBefore, initialAfter }) => Number(initialAfter) - Number(initialBefore);

/** @param {string} label @param {(row: Impact) => string} of */
const amount = (label, of) => ({
  label,
  numeric: true,
  text: (/** @type {Impact} */ row) => money(of(row)),
  hint: of,
  sort: (/** @type {Impact} */ row) => Number(of(row)),
});

/** @param {string} label @param {'statusBefore' | 'statusAfter'} name */
const status = (label, name) => ({
  label,
  text: (/** @type {Impact} */ row) => row[name],
  node: (/** @type {Impact} */ row) => statusBadge(row[name]),
  sort: (/** @type {Impact} */ row) => row[name],
});

/** @param {Change} change */
function moveText({ before, after }) {
  if (typeof before !== 'number' || typeof after !== 'number' || before === 0) return NONE;
  const share = after / before - 1;
  return `${share > 0 ? '+' : ''}${percent(share)}`;
}

/** @param {Decision} decision */
const decisionText = ({ value, min, max }) => value ?? (min === null ? NONE : `${min} to ${max}`);

/** One proposal: what it changes, what that does to accounts, and how far it has come. @param {string} id */
export function proposalPanel(id) {
  const facts = h('dl', { class: 'figures' });
  const totals = h('dl', { class: 'figures' });
  const remark = h('p', { class: 'hint' });
  const note = notice();
  const rest = h('p', { class: 'hint' });
  const changes = createTable({
    caption: 'What it changes',
    columns: [
      {
        label: 'Parameter',
        header: true,
        text: (/** @type {Change} */ { path }) => path,
        sort: ({ path }) => path,
      },
      { label: 'Before', numeric: true, text: ({ before }) => valueText(before) },
      { label: 'After', numeric: true, text: ({ after }) => valueText(after) },
      { label: 'Move', numeric: true, text: moveText },
    ],
    key: ({ path }) => path,
    empty: 'It changes no parameter of the gateway.',
  });
  const decisions = createTable({
    caption: 'What it publishes on chain',
    columns: [
      { label: 'Market', header: true, text: (/** @type {Decision} */ { market }) => market },
      { label: 'Update', text: ({ updateType }) => updateType },
      { label: 'Kind', text: ({ kind }) => kind },
      { label: 'Before', numeric: true, text: ({ previous }) => previous ?? NONE },
      { label: 'After', numeric: true, text: decisionText },
    ],
    key: ({ market, updateType, kind }) => `${market} ${updateType} ${kind}`,
    empty: 'Nothing.',
  });
  const accounts = createTable({
    caption: 'Accounts, the hardest hit first',
    columns: [
      {
        label: 'Account',
        header: true,
        text: (/** @type {Impact} */ { accountId }) => accountId,
        node: ({ accountId }) => h('a', { href: `#/accounts/${encodeURIComponent(accountId)}` }, accountId),
        sort: ({ accountId }) => accountId,
      },
      status('Before', 'statusBefore'),
      status('After', 'statusAfter'),
      amount('Initial before', ({ initialBefore }) => initialBefore),
      amount('Initial after', ({ initialAfter }) => initialAfter),
      amount('Net initial after', ({ netInitialAfter }) => netInitialAfter),
      amount('Net maintenance after', ({ netMaintenanceAfter }) => netMaintenanceAfter),
    ],
    key: ({ accountId }) => accountId,
    empty: 'No account is affected.',
  });
  const impact = h('div', {}, h('h3', {}, 'Impact'), totals, note.element, accounts.element, rest);
  const close = h('p', {}, h('a', { href: '#/governance' }, 'Close the proposal'));
  const element = section('Proposal', facts, remark, changes.element, decisions.element, impact, close);
  element.classList.add('card');
  let said = '';
  let asked = false;

  async function readImpact() {
    asked = true;
    try {
      /** @type {{ accounts: Impact[], nextCursor: string | null }} */
      const answer = await getJson(`/v1/proposals/${encodeURIComponent(id)}/impact?limit=${IMPACT_LIMIT}`);
      const sorted = answer.accounts.toSorted((a, b) => weight(b) - weight(a) || rise(b) - rise(a));
      accounts.update(sorted.slice(0, SHOWN));
      const more = sorted.length - SHOWN;
      rest.textContent = [
        more > 0 ? `${more} more accounts are not shown.` : '',
        answer.nextCursor === null ? '' : `Only the first ${IMPACT_LIMIT} accounts by id were looked at.`,
      ].join(' ');
      note.say(null);
    } catch (error) {
      asked = false;
      note.say(`The impact per account could not be read: ${messageOf(error)}`);
    }
  }
  return {
    element,
    /** @param {Proposal} proposal */
    update(proposal) {
      if (proposal.impact !== null && !asked) void readImpact();
      const text = JSON.stringify(proposal) + nextText(proposal);
      if (text === said) return;
      said = text;
      replace(
        facts,
        figure('Proposal', proposal.title),
        figure('State', stateBadge(proposal)),
        figure('Approvals', approvalsText(proposal)),
        figure('Module', `${proposal.moduleId}@${proposal.moduleVersion}`),
        figure('Next', nextText(proposal)),
      );
      replace(
        remark,
        `Made ${time(proposal.createdAt)} UTC by ${proposal.createdBy}; id `,
        h('code', {}, proposal.id),
        '.',
        proposal.refusal === null ? null : ` ${proposal.refusal}.`,
        proposal.approvals.length === 0
          ? null
          : ` Approved by ${proposal.approvals.map(({ signer }) => signer).join(', ')}.`,
      );
      changes.update(proposal.changes ?? []);
      changes.element.hidden = proposal.changes === null;
      decisions.update(proposal.onChain?.changes ?? []);
      decisions.element.hidden = proposal.onChain === null;
      impact.hidden = proposal.impact === null;
      if (proposal.impact !== null) replace(totals, ...totalFigures(proposal.impact));
    },
  };
}

/** @param {NonNullable<Proposal['impact']>} impact */
function totalFigures(impact) {
  const { newlyCalled, newlyLiquidatable, raised, lowered, unknown } = impact;
  const bad = (/** @type {number} */ count) => (count > 0 ? 'negative' : '');
  return [
    figure('Accounts', String(impact.accounts)),
    figure('Newly called', String(newlyCalled), bad(newlyCalled)),
    figure('Newly liquidatable', String(newlyLiquidatable), bad(newlyLiquidatable)),
    figure('Requirement rises / falls', `${raised} / ${lowered}`),
    ...(unknown > 0 ? [figure('Cannot be valued', String(unknown), 'negative')] : []),
    figure('Initial, all accounts', `${money(impact.initialBefore)} → ${money(impact.initialAfter)}`),
    figure(
      'Maintenance, all accounts',
      `${money(impact.maintenanceBefore)} → ${money(impact.maintenanceAfter)}`,
    ),
    figure('At the prices of', `${time(impact.asOf)} UTC`),
  ];
}
