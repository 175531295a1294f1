import { h, replace, setText } from './dom.js';

/**
 * A table whose head sorts (buttons, so that keys work too) and whose rows keep their place in the document while
 * their values change, so that focus and selection stay.
 *
 * @template R
 * @typedef {object} Column
 * @property {string} label
 * @property {boolean} [numeric] Right-aligned.
 * @property {boolean} [header] The cell names its row.
 * @property {boolean} [wrap] Long texts: broken into lines.
 * @property {(row: R) => string | number | null} [sort] Left out: not sortable. null goes last.
 * @property {(row: R) => string} text What the cell says, also what tells whether it has changed.
 * @property {(row: R) => Node} [node] What it shows, where text alone is not enough.
 * @property {(row: R) => string} [hint] Title of the cell.
 */

/**
 * @template R
 * @param {object} options
 * @param {string} options.caption
 * @param {readonly Column<R>[]} options.columns
 * @param {(row: R) => string} options.key
 * @param {string} options.empty Said when there are no rows.
 * @param {(row: R) => string} [options.rowClass]
 * @param {{ column: number, descending: boolean }} [options.sorted]
 */
export function createTable({ caption, columns, key, empty, rowClass, sorted }) {
  let order = sorted ?? null;
  /** @type {readonly R[]} */
  let rows = [];
  const body = h('tbody');
  const heads = columns.map((column, index) => {
    const head = h('th', { scope: 'col', class: column.numeric ? 'numeric' : null });
    if (column.sort === undefined) head.append(column.label);
    else {
      const sort = () => {
        order = { column: index, descending: order?.column === index ? !order.descending : false };
        draw();
      };
      head.append(h('button', { type: 'button', class: 'sort', onclick: sort }, column.label));
    }
    return head;
  });
  const nothing = h('p', { class: 'empty' }, empty);
  const table = h('table', {}, h('caption', {}, caption), h('thead', {}, h('tr', {}, ...heads)), body);
  // Wide tables scroll inside their own frame; it takes focus so that keys can scroll it.
  const frame = h('div', { class: 'table-frame', tabindex: 0, role: 'region', 'aria-label': caption }, table);
  const element = h('div', { class: 'table' }, frame, nothing);
  /** @type {Map<string, HTMLTableRowElement>} */
  const known = new Map();

  /** @param {R} row */
  function rowElement(row) {
    const name = key(row);
    const existing = known.get(name);
    if (existing !== undefined) return existing;
    const cells = columns.map(({ header, numeric, wrap }) =>
      h(header ? 'th' : 'td', {
        scope: header ? 'row' : null,
        class: numeric ? 'numeric' : wrap ? 'wrap' : null,
      }),
    );
    const made = h('tr', {}, ...cells);
    known.set(name, made);
    return made;
  }

  /** @param {HTMLTableRowElement} element @param {R} row */
  function fill(element, row) {
    element.className = rowClass?.(row) ?? '';
    columns.forEach((column, index) => {
      const cell = element.cells[index];
      if (cell === undefined) return;
      const text = column.text(row);
      if (column.node === undefined) setText(cell, text);
      else if (cell.dataset.said !== text) {
        cell.dataset.said = text;
        replace(cell, column.node(row));
      }
      const hint = column.hint?.(row) ?? '';
      if (cell.title !== hint) cell.title = hint;
    });
  }

  function draw() {
    heads.forEach((head, index) => {
      const direction = order?.descending ? 'descending' : 'ascending';
      if (columns[index]?.sort === undefined) return;
      head.setAttribute('aria-sort', order?.column === index ? direction : 'none');
    });
    const shown = order === null ? rows : [...rows].sort(comparison(columns[order.column], order.descending));
    const present = new Set(shown.map(key));
    for (const [name, element] of known) {
      if (present.has(name)) continue;
      element.remove();
      known.delete(name);
    }
    shown.forEach((row, index) => {
      const element = rowElement(row);
      fill(element, row);
      // Moving a row takes the focus from it, so only what is not in its place is moved.
      if (body.children[index] !== element) body.insertBefore(element, body.children[index] ?? null);
    });
    nothing.hidden = rows.length > 0;
    frame.hidden = rows.length === 0;
  }

  return {
    element,
    /** @param {readonly R[]} next */
    update(next) {
      rows = next;
      draw();
    },
  };
}

/**
 * @template R
 * @param {Column<R> | undefined} column
 * @param {boolean} descending
 * @returns {(a: R, b: R) => number}
 */
function comparison(column, descending) {
  const of = column?.sort ?? (() => null);
  return (a, b) => {
    const [x, y] = [of(a), of(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    const less = typeof x === 'string' ? x.localeCompare(String(y)) : x - Number(y);
    return descending ? -less : less;
  };
}
