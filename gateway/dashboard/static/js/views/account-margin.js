import { createChart } from '../chart.js';
import { h, replace } from '../dom.js';
import { compact, money, NONE, number, since } from '../format.js';
import { figure, reasonList, section, statusBadge } from '../parts.js';
import { store } from '../store.js';
import { createTable } from '../table.js';

/** @typedef {import('../store.js').Margin} Margin */
/** @typedef {Margin['lines'][number]} Line */
/** @typedef {Margin['chains'][number]} Chain */
/** @typedef {Margin['sensitivities'][number]} Sensitivity */
/** @typedef {Margin['exposures'][number]} Exposure */

/** @param {'equity' | 'initial' | 'maintenance'} name @param {string} label */
const sum = (name, label) => ({
  label,
  numeric: true,
  text: (/** @type {Line | Chain} */ row) => money(row[name]),
  hint: (/** @type {Line | Chain} */ row) => row[name],
  sort: (/** @type {Line | Chain} */ row) => Number(row[name]),
});
const sums = [sum('equity', 'Equity'), sum('initial', 'Initial'), sum('maintenance', 'Maintenance')];

/** @param {string} label @param {(row: Sensitivity) => number | null} of */
const greek = (label, of) => ({
  label,
  numeric: true,
  text: (/** @type {Sensitivity} */ row) => number(of(row)),
  sort: of,
});

/** @param {keyof Exposure & ('delta' | 'gamma' | 'vega' | 'theta' | 'rho' | 'initialSlope' | 'maintenanceSlope')} name @param {string} label */
const exposure = (name, label) => ({
  label,
  numeric: true,
  text: (/** @type {Exposure} */ row) => number(row[name]),
  sort: (/** @type {Exposure} */ row) => row[name],
});

/** The margin of an account: its figures, their parts by chain and position, and what moves them. @param {string} accountId */
export function accountMargin(accountId) {
  const figures = h('dl', { class: 'figures' });
  const basis = h('p', { class: 'hint' });
  const failures = h('div');
  const chart = createChart({
    label: `Net margin of ${accountId} over time`,
    lines: [
      { label: 'Net initial', colour: '--line', points: true },
      { label: 'Net maintenance', colour: '--line-2', points: true },
    ],
    format: (value) => compact(String(value)),
    height: 160,
  });
  const chains = createTable({
    caption: 'Margin by chain',
    columns: [
      {
        label: 'Chain',
        header: true,
        text: (/** @type {Chain} */ { chain }) => chain ?? 'whole account',
        sort: (/** @type {Chain} */ { chain }) => chain ?? '',
      },
      ...sums,
    ],
    key: ({ chain }) => chain ?? '',
    empty: 'Nothing is held on any chain.',
  });
  const lines = createTable({
    caption: 'Margin by position',
    columns: [
      {
        label: 'Position',
        header: true,
        text: (/** @type {Line} */ { positionId }) => positionId ?? 'whole account',
        sort: (/** @type {Line} */ { positionId }) => positionId ?? '',
      },
      {
        label: 'Term',
        text: (/** @type {Line} */ { term }) => term,
        sort: (/** @type {Line} */ { term }) => term,
      },
      {
        label: 'Chain',
        text: (/** @type {Line} */ { chain }) => chain ?? NONE,
        sort: (/** @type {Line} */ { chain }) => chain ?? '',
      },
      ...sums,
    ],
    key: ({ positionId, chain, term }) => JSON.stringify([positionId, chain, term]),
    empty: 'There are no lines.',
  });
  const greeks = createTable({
    caption: 'Greeks by position',
    columns: [
      {
        label: 'Position',
        header: true,
        text: (/** @type {Sensitivity} */ { positionId }) => positionId,
        sort: (/** @type {Sensitivity} */ { positionId }) => positionId,
      },
      {
        label: 'Asset',
        text: (/** @type {Sensitivity} */ { asset }) => asset,
        sort: (/** @type {Sensitivity} */ { asset }) => asset,
      },
      greek('Delta', ({ delta }) => delta),
      greek('Gamma', ({ greeks: g }) => g?.gamma ?? null),
      greek('Vega', ({ greeks: g }) => g?.vega ?? null),
      greek('Theta / day', ({ greeks: g }) => g?.theta ?? null),
      greek('Rho', ({ greeks: g }) => g?.rho ?? null),
      greek('d initial / d spot', ({ initialSlope }) => initialSlope),
      greek('d maintenance / d spot', ({ maintenanceSlope }) => maintenanceSlope),
    ],
    key: ({ positionId }) => positionId,
    empty: 'No position has sensitivities.',
  });
  const exposures = createTable({
    caption: 'Greeks by asset',
    columns: [
      {
        label: 'Asset',
        header: true,
        text: (/** @type {Exposure} */ { asset }) => asset,
        sort: (/** @type {Exposure} */ { asset }) => asset,
      },
      exposure('delta', 'Delta'),
      exposure('gamma', 'Gamma'),
      exposure('vega', 'Vega'),
      exposure('theta', 'Theta / day'),
      exposure('rho', 'Rho'),
      exposure('initialSlope', 'd initial / d spot'),
      exposure('maintenanceSlope', 'd maintenance / d spot'),
    ],
    key: ({ asset }) => asset,
    empty: 'No asset has sensitivities.',
  });
  const history = section(
    'Net margin over time',
    h(
      'p',
      { class: 'hint' },
      'The hour before in steps of ten minutes, as far as it is kept; then as answered since this page was opened.',
    ),
    chart.element,
  );
  const element = h(
    'div',
    {},
    figures,
    basis,
    failures,
    history,
    section('Margin by chain and position', chains.element, lines.element),
    section('Greeks', exposures.element, greeks.element),
  );
  return {
    element,
    /** @param {Margin} margin */
    update(margin) {
      replace(
        figures,
        figure('Health', statusBadge(margin.status)),
        figure('Equity', money(margin.equity)),
        figure('Initial requirement', money(margin.requirement.initial)),
        figure('Maintenance requirement', money(margin.requirement.maintenance)),
        figure('Net initial', money(margin.net.initial), Number(margin.net.initial) < 0 ? 'negative' : ''),
        figure(
          'Net maintenance',
          money(margin.net.maintenance),
          Number(margin.net.maintenance) < 0 ? 'negative' : '',
        ),
      );
      const worst = margin.worstScenarios.map(({ asset, scenario }) => `${asset}: ${scenario}`).join('; ');
      replace(
        basis,
        `${margin.moduleId}@${margin.moduleVersion}, book ${margin.sequence ?? NONE}.`,
        worst === '' ? null : ` Decided by ${worst}.`,
      );
      replace(
        failures,
        reasonList([
          ...margin.reasons,
          ...margin.failures.map(({ positionId, reason }) => ({
            ...reason,
            message: `${positionId}: ${reason.message}`,
          })),
        ]),
      );
      chains.update(margin.chains);
      lines.update(margin.lines);
      greeks.update(margin.sensitivities);
      exposures.update(margin.exposures);
      const points = store.marginHistory.get(accountId) ?? [];
      chart.update(
        [points.map((p) => p.time), points.map((p) => p.initial), points.map((p) => p.maintenance)],
        `Net initial ${money(margin.net.initial)}, net maintenance ${money(margin.net.maintenance)}${since(points)}`,
      );
    },
    destroy: chart.destroy,
  };
}
