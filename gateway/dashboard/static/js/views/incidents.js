import { h } from '../dom.js';
import { NONE, number, time } from '../format.js';
import { staleReason } from '../freshness.js';
import { badge, notice, section } from '../parts.js';
import { store } from '../store.js';
import { createTable } from '../table.js';

/** @typedef {import('../store.js').Alarm} Alarm */
/** @typedef {{ what: string, kind: string, code: string, message: string }} Open */

/** What is wrong now: the gateway's own checks, prices that may not be used, forecasts that are old. @returns {Open[]} */
function openIncidents() {
  const checks = (store.readiness?.checks ?? [])
    .filter(({ ok }) => !ok)
    .map(({ name, detail }) => ({ what: name, kind: 'gateway', code: 'not-ready', message: detail }));
  const prices = [...store.prices.values()].flatMap((price) => {
    const refused = /** @type {const} */ (['open', 'margin', 'liquidate']).flatMap((purpose) =>
      price.verdicts[purpose].usable
        ? []
        : price.verdicts[purpose].reasons.map(({ code, message }) => ({
            what: price.feed,
            kind: `refused for ${purpose}`,
            code,
            message,
          })),
    );
    const stale = staleReason(price);
    if (refused.length > 0 || stale === null) return refused;
    return [{ what: price.feed, kind: 'stale price', code: 'stale', message: stale }];
  });
  const forecasts = [...store.forecasts.values()].flatMap((forecast) => {
    const stale = staleReason(forecast);
    return stale === null
      ? []
      : [{ what: forecast.asset, kind: 'stale forecast', code: 'stale', message: stale }];
  });
  return [...checks, ...prices, ...forecasts];
}

/** @param {HTMLElement} root */
export function incidentsView(root) {
  const note = notice();
  const waiting = h('p', { class: 'hint' }, 'The state of the gateway is not known yet.');
  const open = createTable({
    caption: 'Open now',
    columns: [
      { label: 'What', header: true, text: (/** @type {Open} */ { what }) => what, sort: ({ what }) => what },
      { label: 'Kind', text: ({ kind }) => kind, sort: ({ kind }) => kind },
      { label: 'Code', text: ({ code }) => code, sort: ({ code }) => code },
      { label: 'Why', text: ({ message }) => message },
    ],
    key: (row) => JSON.stringify(row),
    empty: 'Nothing is wrong as far as this page knows.',
  });
  const log = createTable({
    caption: 'Alarms',
    columns: [
      {
        label: 'Time (UTC)',
        header: true,
        text: (/** @type {Alarm} */ { at }) => time(at),
        sort: ({ at }) => at,
      },
      { label: 'Feed', text: ({ feed }) => feed, sort: ({ feed }) => feed },
      { label: 'Guard', text: ({ guard }) => guard, sort: ({ guard }) => guard },
      {
        label: 'Subject',
        text: ({ subject }) => String(subject ?? NONE),
        sort: ({ subject }) => String(subject ?? ''),
      },
      {
        label: 'State',
        text: ({ state }) => state,
        node: ({ state }) => badge(state === 'cleared' ? 'good' : 'warn', state),
        sort: ({ state }) => state,
      },
      {
        label: 'Value',
        numeric: true,
        text: ({ value, unit }) => (value === null ? NONE : `${number(Number(value))} ${unit ?? ''}`),
      },
      {
        label: 'Limit',
        numeric: true,
        text: ({ limit, unit }) => (limit === null ? NONE : `${number(Number(limit))} ${unit ?? ''}`),
      },
      { label: 'Message', text: ({ message }) => message },
    ],
    key: ({ at, feed, guard, subject, state }) => JSON.stringify([at, feed, guard, subject, state]),
    empty: 'No guard began or ceased to bind since this page was opened.',
  });
  root.append(
    h('h1', { tabindex: -1 }, 'Incidents'),
    note.element,
    section('Open incidents', waiting, open.element),
    section(
      'Alarm log',
      h(
        'p',
        { class: 'hint' },
        'Guards of the oracles that began or ceased to bind since this page was opened, the newest first.',
      ),
      log.element,
    ),
  );
  return {
    update() {
      const { gaps, connection } = store;
      if (connection.state === 'polling') note.say(`Alarms are not received: ${connection.reason}.`);
      else if (connection.state === 'lost')
        note.say(`The connection is lost; alarms may be missed: ${connection.reason}.`);
      else note.say(gaps === 0 ? null : 'The connection was down for so long that alarms may be missing.');
      // Before the first answers nothing is known, which is not the same as nothing being wrong.
      const known = store.prices.size > 0 && store.readiness !== null;
      open.element.hidden = !known;
      waiting.hidden = known;
      open.update(openIncidents());
      log.update(store.alarms);
    },
    destroy() {},
  };
}
