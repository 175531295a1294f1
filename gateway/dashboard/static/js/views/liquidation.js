import { createChart } from '../chart.js';
import { h, replace } from '../dom.js';
import { compact, money, NONE, percent, price, size } from '../format.js';
import { figure, statusBadge } from '../parts.js';
import { createTable } from '../table.js';

/** @typedef {import('../../../../client/types.ts').LiquidationPlan} LiquidationPlan */
/** @typedef {import('../../../../client/types.ts').LiquidationPrice} LiquidationPrice */
/** @typedef {NonNullable<LiquidationPlan['plan']>} Plan */
/** @typedef {Plan['closes'][number] & { step: number }} Close */
/** @typedef {NonNullable<LiquidationPrice['assets']>[number]} AssetMove */

/** Where each asset alone brings net maintenance to 0. */
export function liquidationPrices() {
  const text = h('p', { class: 'hint' });
  /** @param {'down' | 'up'} way @param {string} label */
  const column = (way, label) => ({
    label,
    numeric: true,
    text: (/** @type {AssetMove} */ row) => {
      const found = row[way];
      if (found === null) return 'none';
      const at = found.prices.map((one) => `${one.feed} ${price(one.price)}`).join(', ');
      return `${at} (${percent(found.multiplier - 1)})`;
    },
    sort: (/** @type {AssetMove} */ row) => row[way]?.multiplier ?? null,
  });
  const table = createTable({
    caption: 'Price at which net maintenance reaches 0 when this asset alone moves',
    columns: [
      {
        label: 'Asset',
        header: true,
        text: (/** @type {AssetMove} */ { asset }) => asset,
        sort: (/** @type {AssetMove} */ { asset }) => asset,
      },
      column('down', 'Falling to'),
      column('up', 'Rising to'),
    ],
    key: ({ asset }) => asset,
    empty: 'None: no asset is held, or a position cannot be valued.',
  });
  return {
    element: h('div', {}, table.element, text),
    /** @param {LiquidationPrice} answer */
    update({ assets, breached, alongBeta }) {
      table.update(assets ?? []);
      const together =
        alongBeta === null
          ? 'Moves of all assets together are not known yet.'
          : `All assets along their betas: ${alongBeta.reference} ${alongBeta.down === null ? 'falling: none' : `falling ${percent(alongBeta.down - 1)}`}, ${alongBeta.up === null ? 'rising: none' : `rising +${percent(alongBeta.up - 1)}`}.`;
      replace(text, breached === true ? 'Maintenance is breached already. ' : null, together);
    },
  };
}

/** The closes in their order, each as a rung, and the auction of what they leave. */
export function liquidationLadder() {
  const figures = h('dl', { class: 'figures' });
  const said = h('p');
  const ladder = createTable({
    caption: 'Liquidation ladder: closes in this order',
    columns: [
      { label: 'Step', header: true, text: (/** @type {Close} */ { step }) => String(step) },
      { label: 'Position', text: (/** @type {Close} */ { positionId }) => positionId },
      { label: 'Market', text: (/** @type {Close} */ { market }) => market },
      {
        label: 'Trade',
        numeric: true,
        text: (/** @type {Close} */ close) => size(close.size),
        hint: (/** @type {Close} */ close) => close.size,
      },
      { label: 'At', numeric: true, text: (/** @type {Close} */ close) => price(close.price) },
      { label: 'Cost', numeric: true, text: (/** @type {Close} */ { cost }) => money(cost) },
    ],
    key: ({ step, positionId }) => `${step} ${positionId}`,
    empty: 'Nothing has to be closed: net initial margin is at its target.',
  });
  const chart = createChart({
    label: 'Auction of what is left, price over seconds',
    lines: [{ label: 'Price', colour: '--line' }],
    format: (value) => compact(String(value)),
    formatX: (value) => `${value} s`,
    height: 180,
  });
  const auction = h('figure', { hidden: true }, h('figcaption', {}), chart.element);
  return {
    element: h('div', {}, said, figures, ladder.element, auction),
    /** @param {LiquidationPlan} answer */
    update({ plan, target, costRate }) {
      ladder.element.hidden = plan === null;
      auction.hidden = plan === null || plan.auction === null;
      if (plan === null) {
        replace(said, 'There is no plan while a position cannot be valued.');
        replace(figures);
        return;
      }
      const goal = `net initial margin of ${money(target)}, at a cost of ${percent(costRate)} of the notional`;
      replace(
        said,
        plan.reached ? `Reaches a ${goal}.` : `Does not reach a ${goal}: no further close helps.`,
      );
      replace(
        figures,
        figure('Health afterwards', statusBadge(plan.after.status)),
        figure('Equity afterwards', money(plan.after.equity)),
        figure('Net initial afterwards', money(plan.after.net.initial)),
        figure('Net maintenance afterwards', money(plan.after.net.maintenance)),
      );
      ladder.update(plan.closes.map((close, index) => ({ ...close, step: index + 1 })));
      if (plan.auction === null) return;
      const { kind, points } = plan.auction;
      const last = points.at(-1);
      replace(
        /** @type {HTMLElement} */ (auction.firstElementChild),
        `Dutch auction of what is left (${kind}): ${compact(String(points[0]?.price ?? 0))} at the start, ${last === undefined ? NONE : `${compact(String(last.price))} after ${last.seconds} s`}. Negative: the bidder is paid.`,
      );
      chart.update([points.map(({ seconds }) => seconds), points.map((point) => point.price)]);
    },
    destroy: chart.destroy,
  };
}
