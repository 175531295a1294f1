import { createChart } from '../chart.js';
import { h, replace } from '../dom.js';
import { number, percent, since, time } from '../format.js';
import { staleReason } from '../freshness.js';
import { fillBuffers } from '../history.js';
import { badge, figure, notice, section, stateLine } from '../parts.js';
import { quantileAt, regimeOf, store } from '../store.js';
import { createTable } from '../table.js';

/** @typedef {import('../store.js').Forecast} Forecast */
/** @typedef {Forecast['horizons'][number]} Horizon */

/** Rows of the chart's data, by the quantile that each shows. */
const FAN = [0.95, 0.05, 0.75, 0.25, 0.5];
const HOUR = 3600;
const DAY = 24 * HOUR;
const HOURS_PER_YEAR = 8760;

/** @param {HTMLElement} root */
export function volatilityView(root) {
  const note = notice();
  const cards = h('div', { class: 'cards' });
  const buffers = bufferSection();
  root.append(
    h('h1', { tabindex: -1 }, 'Volatility'),
    h(
      'p',
      { class: 'hint' },
      'The fan is the distribution of realised volatility, annualised, over the next 1, 4 and 24 hours. Left of it stand the 24 h medians issued in the day before. Shaded in red: the high-volatility regime, ahead the stronger the more probable it is.',
    ),
    note.element,
    cards,
    buffers.element,
  );
  /** @type {Map<string, ReturnType<typeof forecastCard>>} */
  const shown = new Map();
  return {
    update() {
      note.say(store.forecasts.size === 0 ? 'No forecast has been answered yet.' : null);
      for (const [asset, forecast] of store.forecasts) {
        const card = shown.get(asset) ?? forecastCard(asset);
        if (!shown.has(asset)) {
          shown.set(asset, card);
          cards.append(card.element);
        }
        card.update(forecast);
      }
      buffers.update();
    },
    destroy() {
      for (const card of shown.values()) card.destroy();
      buffers.destroy();
    },
  };
}

/** @param {string} asset */
function forecastCard(asset) {
  /** @type {Forecast | null} */
  let current = null;
  const chart = createChart({
    label: `Volatility forecast of ${asset}`,
    lines: [
      { label: '95 %', colour: '--fan-edge', width: 0 },
      { label: '5 %', colour: '--fan-edge', width: 0 },
      { label: '75 %', colour: '--fan-edge', width: 0 },
      { label: '25 %', colour: '--fan-edge', width: 0 },
      { label: 'Median', colour: '--line', points: true },
      { label: 'Issued', colour: '--line', dash: [2, 3] },
      { label: 'Year’s median', colour: '--muted', width: 1, dash: [6, 4] },
    ],
    bands: [
      { upper: 0, lower: 1, colour: '--fan-outer' },
      { upper: 2, lower: 3, colour: '--fan-inner' },
    ],
    format: (value) => percent(value, value < 0.1 ? 2 : 0),
    shades: () => (current === null ? [] : regimeSpans(current)),
  });
  const facts = h('dl', { class: 'figures' });
  const meter = h('meter', {
    min: 0,
    max: 1,
    low: 0.25,
    high: 0.5,
    optimum: 0,
    'aria-label': `Onset probability of ${asset}`,
  });
  const remarks = h('p', { class: 'hint' });
  const state = stateLine();
  const numbers = createTable({
    caption: `Forecast of ${asset} by horizon, annualised volatility`,
    columns: horizonColumns(),
    key: (/** @type {Horizon} */ horizon) => String(horizon.horizonHours),
    empty: 'No horizon.',
  });
  const element = section(
    asset,
    state.element,
    facts,
    chart.element,
    remarks,
    h('details', {}, h('summary', {}, 'As a table'), numbers.element),
  );
  element.classList.add('card');
  let said = '';
  return {
    element,
    /** @param {Forecast} forecast */
    update(forecast) {
      current = forecast;
      const reason = staleReason(forecast);
      state.say(reason, `Decided at ${time(forecast.asOf)} UTC.`);
      element.classList.toggle('stale', reason !== null);
      chart.update(fanData(forecast), `${summary(forecast)}${since(recentIssued(forecast))}`);
      const text = JSON.stringify(forecast);
      if (text === said) return;
      said = text;
      numbers.update(forecast.horizons);
      const day = forecast.horizons.at(-1);
      const onset = day?.onsetProbability ?? null;
      meter.value = onset ?? 0;
      meter.hidden = onset === null;
      const regime = regimeOf(forecast);
      replace(
        facts,
        figure('Regime', badge(regime === 'calm' ? 'good' : regime === 'high' ? 'bad' : 'off', regime)),
        figure(
          'Onset within 24 h',
          h(
            'span',
            {},
            onset === null ? (regime === 'high' ? 'is high now' : 'not known') : percent(onset),
            ' ',
            meter,
          ),
        ),
        figure('High volatility in 24 h', percent(day?.highVolatilityProbability ?? null)),
        figure(
          'Calibration',
          badge(
            day?.calibration.state === 'ok' ? 'good' : day?.calibration.state === 'drifting' ? 'warn' : 'off',
            day?.calibration.state ?? 'unknown',
            day?.calibration.reasons.join('; '),
          ),
        ),
      );
      const limits = [
        ...new Set(forecast.horizons.flatMap(({ limitations }) => limitations.map(({ message }) => message))),
      ];
      replace(
        remarks,
        `${forecast.modelVersion}.`,
        day?.fallbackReason ? ` Better models do not serve: ${day.fallbackReason}.` : null,
        limits.length > 0 ? ` May not lower a margin: ${limits.join('; ')}.` : null,
      );
    },
    destroy: chart.destroy,
  };
}

/** @returns {readonly import('../table.js').Column<Horizon>[]} */
const horizonColumns = () => [
  {
    label: 'Horizon',
    header: true,
    text: ({ horizonHours }) => `${horizonHours} h`,
    sort: ({ horizonHours }) => horizonHours,
  },
  ...[0.05, 0.25, 0.5, 0.75, 0.95, 0.99].map((p) => ({
    label: percent(p, 0),
    numeric: true,
    text: (/** @type {Horizon} */ horizon) => percent(quantileAt(horizon, p)),
  })),
];

/** Spans of the past in which the regime was high, and the day ahead by its probability. @param {Forecast} forecast */
function regimeSpans(forecast) {
  const asOf = Date.parse(forecast.asOf) / 1000;
  const issued = recentIssued(forecast);
  const spans = issued.flatMap((point, index) =>
    point.high ? [{ from: point.time, to: issued[index + 1]?.time ?? asOf, colour: '--regime-high' }] : [],
  );
  const ahead = forecast.horizons.at(-1)?.highVolatilityProbability ?? null;
  if (ahead === null) return spans;
  const strength = ahead >= 0.5 ? '--regime-high' : ahead >= 0.15 ? '--regime-some' : '--regime-low';
  return [...spans, { from: asOf, to: asOf + DAY, colour: strength }];
}

/** @param {Forecast} forecast */
function recentIssued({ asset, asOf }) {
  const from = Date.parse(asOf) / 1000 - DAY;
  return (store.issued.get(asset) ?? []).filter(({ time: at }) => at >= from);
}

/** @param {Forecast} forecast @returns {import('uplot').AlignedData} */
function fanData(forecast) {
  const asOf = Date.parse(forecast.asOf) / 1000;
  const past = recentIssued(forecast);
  const ahead = forecast.horizons;
  const x = [
    ...past.map(({ time: at }) => at),
    ...ahead.map(({ horizonHours }) => asOf + horizonHours * HOUR),
  ];
  const empty = past.map(() => null);
  const reference = ahead.at(-1)?.referenceVariance ?? null;
  const level = reference === null ? null : Math.sqrt((reference * HOURS_PER_YEAR) / 24);
  return [
    x,
    ...FAN.map((p) => [...empty, ...ahead.map((horizon) => quantileAt(horizon, p))]),
    [...past.map(({ volatility }) => volatility), ...ahead.map(() => null)],
    x.map(() => level),
  ];
}

/** @param {Forecast} forecast */
function summary({ horizons }) {
  return horizons
    .map((horizon) => {
      const [low, middle, high] = [0.05, 0.5, 0.95].map((p) => percent(quantileAt(horizon, p)));
      return `Next ${horizon.horizonHours} h: median ${middle}, 90 % between ${low} and ${high}`;
    })
    .join('. ');
}

function bufferSection() {
  const note = notice();
  const charts = h('div', { class: 'cards' });
  const element = section(
    'Margin buffer over time',
    h(
      'p',
      { class: 'hint' },
      'Factor on the margin of one perp under this deployment’s module, from the forecast: as it is answered now, and in the hour before as the account with most positions had it.',
    ),
    note.element,
    charts,
  );
  /** @type {Map<string, { update: () => void, destroy: () => void }>} */
  const shown = new Map();
  /** @param {string} asset */
  const card = (asset) => {
    const chart = createChart({
      label: `Margin buffer of ${asset} over time`,
      lines: [
        // Wider, so that both are seen where they are equal.
        { label: 'Initial', colour: '--line', width: 5 },
        { label: 'Maintenance', colour: '--line-2', points: true },
      ],
      format: (value) => `× ${value.toFixed(2)}`,
      leastSpan: 0.1,
      height: 160,
    });
    const text = h('p', { class: 'hint' });
    charts.append(h('div', { class: 'card' }, h('h3', {}, asset), chart.element, text));
    return {
      update() {
        const points = store.bufferHistory.get(asset) ?? [];
        const buffer = store.buffers.get(asset);
        if (buffer === undefined) return;
        const now = `Initial × ${number(buffer.initialFactor)}, maintenance × ${number(buffer.maintenanceFactor)}`;
        const rows = ['time', 'initial', 'maintenance'].map((name) =>
          points.map((point) => point[/** @type {keyof typeof point} */ (name)]),
        );
        chart.update(/** @type {import('uplot').AlignedData} */ (rows), `${now}${since(points)}`);
        const notice =
          buffer.effectiveFrom === null
            ? ''
            : ` A rise is fully in force from ${time(buffer.effectiveFrom)} UTC.`;
        const why = buffer.reasons.map(({ message }) => message).join('; ');
        replace(text, `${now}; ${buffer.policy}.${notice}${why === '' ? '' : ` ${why}.`}`);
      },
      destroy: chart.destroy,
    };
  };
  return {
    element,
    update() {
      const problem = store.buffersProblem;
      if (problem !== null) note.say(`The buffer could not be read: ${problem}`);
      else
        note.say(
          store.buffers.size === 0
            ? 'No buffer has been answered yet: it needs a perp market with a price.'
            : null,
        );
      fillBuffers();
      for (const asset of store.buffers.keys()) {
        const one = shown.get(asset) ?? card(asset);
        shown.set(asset, one);
        one.update();
      }
    },
    destroy() {
      for (const one of shown.values()) one.destroy();
    },
  };
}
