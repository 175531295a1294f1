import { h, replace } from '../dom.js';
import { NONE, number, percent, price, time } from '../format.js';
import { badge, figure, section } from '../parts.js';
import { createTable } from '../table.js';
import { inForceText, valueText } from './proposal-columns.js';

/** @typedef {import('zod').infer<typeof import('../../../../schemas/governance.ts').parametersListSchema>} Parameters */
/** @typedef {Parameters['markets'][number]} Rates */
/** @typedef {{ path: string, value: unknown }} Leaf */

/** @param {string | null | undefined} share */
const rate = (share) => (share === null || share === undefined ? NONE : percent(Number(share), 2));

/** @param {string} label @param {(row: Rates) => string | null | undefined} of */
const rateColumn = (label, of) => ({
  label,
  numeric: true,
  text: (/** @type {Rates} */ row) => rate(of(row)),
  hint: (/** @type {Rates} */ row) => of(row) ?? '',
  sort: (/** @type {Rates} */ row) => {
    const share = of(row);
    return share === null || share === undefined ? null : Number(share);
  },
});

/** @param {Rates} row */
function bufferText({ buffer }) {
  if (buffer === null) return NONE;
  const { initialFactor, maintenanceFactor, maintenanceTarget, effectiveFrom } = buffer;
  const now = `× ${number(initialFactor)} / × ${number(maintenanceFactor)}`;
  // A maintenance buffer below its target rises step by step until then.
  return effectiveFrom === null
    ? now
    : `${now}, to × ${number(maintenanceTarget)} by ${time(effectiveFrom).slice(5, 16)}`;
}

/** @param {Rates} row */
function lendingText({ rates }) {
  if (rates === null || rates.loanToValue === null) return NONE;
  return `${rate(rates.loanToValue)} / ${rate(rates.liquidationThreshold)}`;
}

/** @returns {readonly import('../table.js').Column<Rates>[]} */
const columns = () => [
  { label: 'Market', header: true, text: ({ market }) => market, sort: ({ market }) => market },
  { label: 'Kind', text: ({ kind }) => kind, sort: ({ kind }) => kind },
  { label: 'Price', numeric: true, text: ({ rates }) => price(rates?.price ?? null) },
  rateColumn('Initial', ({ rates }) => rates?.initial),
  rateColumn('Maintenance', ({ rates }) => rates?.maintenance),
  {
    label: 'Buffer, initial / maint.',
    numeric: true,
    text: bufferText,
    hint: ({ buffer }) =>
      buffer === null
        ? ''
        : [buffer.policy, buffer.model, ...buffer.reasons.map(({ message }) => message)].join('; '),
    sort: ({ buffer }) => buffer?.initialFactor ?? null,
  },
  {
    label: 'Loan to value / liquidation',
    numeric: true,
    text: lendingText,
    hint: ({ rates }) =>
      rates === null || rates.loanToValue === null
        ? ''
        : `${rates.loanToValue} / ${rates.liquidationThreshold}`,
    sort: ({ rates }) => (rates === null || rates.loanToValue === null ? null : Number(rates.loanToValue)),
  },
  {
    label: 'Orders',
    text: ({ frozen }) => (frozen === null ? 'open' : `frozen: ${frozen.reason}`),
    node: ({ frozen }) =>
      frozen === null
        ? badge('good', 'open')
        : h(
            'span',
            {},
            badge('bad', 'frozen', `by ${frozen.frozenBy} at ${time(frozen.frozenAt)} UTC`),
            ` ${frozen.reason}`,
          ),
    sort: ({ frozen }) => Number(frozen !== null),
  },
];

/** @param {unknown} value @param {string} path @returns {Leaf[]} */
function leaves(value, path) {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (entries.length === 0) return [{ path, value }];
  return entries.flatMap(([name, inner]) => leaves(inner, path === '' ? name : `${path}.${name}`));
}

/** What margins the protocol now, what is announced, and the rates that come of it. */
export function parametersPart() {
  const facts = h('dl', { class: 'figures' });
  const announced = h('p', { class: 'notice', role: 'status', hidden: true });
  const rates = createTable({
    caption: 'Rates of one unit at the mark, with the forecast buffer in them',
    columns: columns(),
    key: ({ market }) => market,
    sorted: { column: 0, descending: false },
    empty: 'No market is configured.',
  });
  const all = createTable({
    caption: 'Parameters of the module, the same for all markets',
    columns: [
      {
        label: 'Parameter',
        header: true,
        text: (/** @type {Leaf} */ { path }) => path,
        sort: ({ path }) => path,
      },
      { label: 'In force', numeric: true, text: ({ value }) => valueText(value) },
    ],
    key: ({ path }) => path,
    empty: 'The module has no parameters.',
  });
  const content = h(
    'div',
    { hidden: true },
    facts,
    announced,
    rates.element,
    h('details', {}, h('summary', {}, 'All parameters'), all.element),
  );
  let said = '';
  return {
    element: section('Parameters in force', content),
    content,
    /** @param {Parameters | null} answer */
    update(answer) {
      content.hidden = answer === null;
      if (answer === null) return;
      const { next, effectiveFrom, configurationVersion } = answer;
      announced.hidden = next === null;
      const announcement = next === null ? '' : inForceText(next.effectiveFrom);
      const text = JSON.stringify(answer) + announcement;
      if (text === said) return;
      said = text;
      if (next !== null) {
        replace(
          announced,
          `Announced: version ${next.version}, ${next.moduleId}@${next.moduleVersion}. ${announcement}. `,
          h('a', { href: `#/governance/${next.proposal}` }, 'What it changes'),
        );
      }
      replace(
        facts,
        figure('Module', `${answer.moduleId}@${answer.moduleVersion}`),
        figure('Version', configurationVersion === 0 ? 'the deployment’s own' : String(configurationVersion)),
        figure('In force since', effectiveFrom === null ? 'its start' : `${time(effectiveFrom)} UTC`),
        figure(
          'Parameters hash',
          h('code', { title: answer.parametersHash }, answer.parametersHash.slice(0, 12)),
        ),
        figure('As of', `${time(answer.asOf)} UTC`),
      );
      rates.update(answer.markets);
      all.update(leaves(answer.parameters, ''));
    },
  };
}
