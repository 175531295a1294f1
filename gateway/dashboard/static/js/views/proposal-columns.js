import { h } from '../dom.js';
import { NONE, remaining, time } from '../format.js';
import { marketNow } from '../market-clock.js';
import { badge } from '../parts.js';

/** @typedef {import('zod').infer<typeof import('../../../../schemas/proposal.ts').proposalSchema>} Proposal */
/** @typedef {NonNullable<Proposal['changes']>[number]} Change */

/** @type {Record<Proposal['state'], import('../parts.js').Tone>} */
const TONES = {
  assessing: 'off',
  open: 'warn',
  approved: 'warn',
  executed: 'good',
  vetoed: 'bad',
  expired: 'off',
  superseded: 'off',
};

/** @param {Proposal} proposal */
export const stateBadge = ({ state, closedReason }) => badge(TONES[state], state, closedReason ?? undefined);

/** A value of a parameter as its JSON, without the quotes of a text. @param {unknown} value */
export const valueText = (value) =>
  value === null || value === undefined ? NONE : typeof value === 'string' ? value : JSON.stringify(value);

/** @param {Change} change */
const changeText = ({ path, before, after }) => `${path} ${valueText(before)} → ${valueText(after)}`;

/** What is different afterwards, in a few words. @param {Proposal} proposal */
export function changesText({ changes, onChain }) {
  const shown = (changes ?? []).slice(0, 2).map(changeText);
  const more = (changes ?? []).length - shown.length;
  const published = onChain?.changes.length ?? 0;
  const parts = [
    ...shown,
    more > 0 ? `and ${more} more` : '',
    published > 0 ? `${published} on chain` : '',
    changes === null ? 'over parameters that are not known any more' : '',
  ].filter((part) => part !== '');
  return parts.join('; ') || NONE;
}

/** Signatures given of those needed; what a forecast does alone needs none. @param {Proposal} proposal */
export const approvalsText = ({ autonomous, approvals, threshold, onChain }) =>
  autonomous && approvals.length === 0 && threshold === 0
    ? 'none needed'
    : `${approvals.length} of ${Math.max(threshold, onChain?.threshold ?? 0)}`;

/**
 * What comes next and when. Deadlines and time locks go by wall time, notice periods by market time.
 * @param {Proposal} proposal
 */
export function nextText(proposal) {
  const { state, deadline, executableAt, effectiveFrom, closedReason, closedAt } = proposal;
  const now = Date.now();
  if (state === 'assessing') return 'Its impact is being computed.';
  if (state === 'open') {
    const left = Date.parse(deadline) - now;
    return left > 0 ? `Approvals for ${remaining(left)} more` : 'The deadline has passed.';
  }
  if (state === 'approved' && executableAt !== null) {
    const left = Date.parse(executableAt) - now;
    return left > 0 ? `Time lock ends in ${remaining(left)}` : 'The time lock is over: execution is due.';
  }
  if (state === 'executed' && effectiveFrom !== null) return inForceText(effectiveFrom);
  const when = closedAt === null ? '' : `${time(closedAt)} UTC`;
  return [closedReason, when].filter((part) => part !== null && part !== '').join(', ') || NONE;
}

/** @param {string} effectiveFrom Market time. */
export function inForceText(effectiveFrom) {
  const left = Date.parse(effectiveFrom) - marketNow();
  return left > 0
    ? `In force in ${remaining(left)} of market time, from ${time(effectiveFrom)} UTC`
    : `In force since ${time(effectiveFrom)} UTC`;
}

/** @param {Proposal['impact']} impact @param {'newlyCalled' | 'newlyLiquidatable'} name */
const countBadge = (impact, name) =>
  impact === null
    ? document.createTextNode(NONE)
    : badge(impact[name] === 0 ? 'good' : 'bad', `${impact[name]} of ${impact.accounts}`);

/** @param {'newlyCalled' | 'newlyLiquidatable'} name @param {string} label */
const impactColumn = (name, label) => ({
  label,
  numeric: true,
  text: (/** @type {Proposal} */ { impact }) =>
    impact === null ? NONE : `${impact[name]} of ${impact.accounts}`,
  node: (/** @type {Proposal} */ { impact }) => countBadge(impact, name),
  sort: (/** @type {Proposal} */ { impact }) => impact?.[name] ?? null,
});

/** @returns {readonly import('../table.js').Column<Proposal>[]} */
export const proposalColumns = () => [
  {
    label: 'Proposal',
    header: true,
    wrap: true,
    text: ({ title }) => title,
    node: ({ id, title }) => h('a', { href: `#/governance/${id}` }, title),
    hint: ({ id, createdAt }) => `made ${time(createdAt)} UTC, ${id}`,
    sort: ({ title }) => title,
  },
  {
    label: 'State',
    text: ({ state }) => state,
    node: stateBadge,
    sort: ({ state }) => state,
  },
  { label: 'Next', wrap: true, text: nextText },
  { label: 'Changes', wrap: true, text: changesText },
  impactColumn('newlyCalled', 'Newly called'),
  impactColumn('newlyLiquidatable', 'Newly liquidatable'),
  { label: 'Approvals', numeric: true, text: approvalsText },
];
