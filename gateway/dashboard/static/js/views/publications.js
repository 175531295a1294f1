import { getJson, messageOf } from '../api.js';
import { h } from '../dom.js';
import { NONE, size, time } from '../format.js';
import { badge, notice } from '../parts.js';
import { store } from '../store.js';
import { createTable } from '../table.js';

/** @typedef {import('zod').infer<typeof import('../../../../schemas/publication.ts').publicationSchema>} Publication */
/** @typedef {Publication['arrivals'][number]} Arrival */

const PATH = '/v1/publications';
const EVERY_MS = 5_000;
/** @type {Record<string, import('../parts.js').Tone>} */
const TONES = {
  arrived: 'good',
  published: 'good',
  refused: 'bad',
  stuck: 'bad',
  superseded: 'off',
  overtaken: 'off',
};

/** @param {Arrival} arrival */
const arrivalText = ({ chain, state, arrivedAt, final, reason }) =>
  [chain, state, arrivedAt === null ? '' : `${time(arrivedAt)} UTC`, final ? 'final' : '', reason ?? ''].join(
    ' ',
  );

/** @returns {readonly import('../table.js').Column<Publication>[]} */
const columns = () => [
  { label: 'Market', header: true, text: ({ market }) => market, sort: ({ market }) => market },
  { label: 'Update', text: ({ updateType }) => updateType, sort: ({ updateType }) => updateType },
  { label: 'Kind', text: ({ kind }) => kind, sort: ({ kind }) => kind },
  { label: 'Source', text: ({ source }) => source, sort: ({ source }) => source },
  {
    label: 'Value',
    numeric: true,
    text: ({ value }) => (value === null ? NONE : size(value)),
    hint: ({ value }) => value ?? '',
  },
  {
    label: 'State',
    text: ({ state }) => state,
    node: ({ state }) => badge(TONES[state] ?? 'warn', state),
    sort: ({ state }) => state,
  },
  {
    label: 'Chains',
    text: ({ arrivals }) => arrivals.map(arrivalText).join('; ') || NONE,
    node: ({ arrivals }) =>
      h(
        'span',
        {},
        arrivals.length === 0 ? NONE : null,
        ...arrivals.flatMap((arrival) => [
          badge(TONES[arrival.state] ?? 'warn', `${arrival.chain}: ${arrival.state}`, arrivalText(arrival)),
          ' ',
        ]),
      ),
  },
  { label: 'Why', text: ({ reason }) => reason ?? NONE },
];

/** What went on chain and where it has arrived. @param {HTMLElement} root */
export function publicationsView(root) {
  const note = notice();
  const table = createTable({
    caption: 'Publications, the newest first',
    columns: columns(),
    key: ({ id }) => id,
    empty: 'Nothing has been published on chain yet.',
  });
  table.element.hidden = true;
  root.append(h('h1', { tabindex: -1 }, 'Publications'), note.element, table.element);
  let askedAt = Number.NEGATIVE_INFINITY;
  /** @type {string | null} */
  let problem = null;

  async function read() {
    try {
      /** @type {{ publications: Publication[], nextCursor: string | null }} */
      const { publications } = await getJson(PATH);
      table.update(publications);
      table.element.hidden = false;
      problem = null;
    } catch (error) {
      problem = messageOf(error);
    }
  }
  return {
    update() {
      const absent = store.resources !== null && !store.resources.has(PATH);
      const lost = store.connection.state === 'lost';
      const old = table.element.hidden ? '' : ', what is below may be old';
      table.element.classList.toggle('stale', problem !== null || lost);
      if (absent) note.say('This gateway does not publish on chain: it has no publications.');
      else if (lost) note.say(`The connection is lost${old}.`);
      else note.say(problem === null ? null : `Publications could not be read${old}: ${problem}`);
      if (absent || store.resources === null || store.locked || performance.now() - askedAt < EVERY_MS)
        return;
      askedAt = performance.now();
      void read();
    },
    destroy() {},
  };
}
