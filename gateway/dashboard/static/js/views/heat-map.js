import { h, replace } from '../dom.js';
import { compact, money, move } from '../format.js';

/** @typedef {import('../../../../client/types.ts').Stress} Stress */

/**
 * Net maintenance over spot moves and volatilities, as a table: every cell says its figure, the colour repeats it.
 */
export function heatMap() {
  const element = h('div', {
    class: 'table-frame',
    tabindex: 0,
    role: 'region',
    'aria-label': 'Stress by spot move and volatility',
  });
  return {
    element,
    /** @param {Stress['grid']} grid */
    update({ spotMoves, volatilities, cells, worst }) {
      const values = cells.flat().map(({ net }) => Number(net.maintenance));
      const largest = Math.max(1e-9, ...values.map(Math.abs));
      const head = h(
        'tr',
        {},
        h('th', { scope: 'col' }, 'Volatility'),
        ...spotMoves.map((spot) => h('th', { scope: 'col', class: 'numeric' }, move(spot))),
      );
      const rows = volatilities.map((volatility, row) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, `× ${volatility}`),
          ...(cells[row] ?? []).map((cell, column) => {
            const net = Number(cell.net.maintenance);
            const isWorst = worst.spotMove === spotMoves[column] && worst.volatility === volatility;
            const where = `spot ${move(spotMoves[column] ?? 0)}, volatility × ${volatility}`;
            const td = h(
              'td',
              {
                class: `heat ${net < 0 ? 'loss' : 'gain'}${isWorst ? ' worst' : ''}`,
                title: `${where}: net maintenance ${money(cell.net.maintenance)}, ${cell.status}${isWorst ? ', the worst' : ''}`,
              },
              compact(cell.net.maintenance),
            );
            td.style.setProperty('--strength', `${Math.round(Math.sqrt(Math.abs(net) / largest) * 75)}%`);
            return td;
          }),
        ),
      );
      replace(
        element,
        h(
          'table',
          { class: 'heat-map' },
          h('caption', {}, 'Net maintenance after a move of spot (across) and of implied volatility (down)'),
          h('thead', {}, head),
          h('tbody', {}, ...rows),
        ),
      );
    },
  };
}
