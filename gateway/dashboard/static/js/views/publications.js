import { getJson, messageOf } from '../api.js';
import { h, replace } from '../dom.js';
import { notice } from '../parts.js';
import { store } from '../store.js';

const PATH = '/v1/publications';
const EVERY_MS = 5_000;

/** What went on chain and where it has arrived, field by field as the gateway tells it. @param {HTMLElement} root */
export function publicationsView(root) {
  const note = notice();
  const list = h('ol', { class: 'records' });
  root.append(h('h1', { tabindex: -1 }, 'Publications'), note.element, list);
  let askedAt = Number.NEGATIVE_INFINITY;
  let said = '';

  async function read() {
    try {
      /** @type {unknown} */
      const answer = await getJson(PATH);
      const { publications } = /** @type {{ publications?: unknown }} */ (answer ?? {});
      const found = Array.isArray(publications) ? publications : [];
      note.say(found.length === 0 ? 'Nothing has been published on chain yet.' : null);
      const text = JSON.stringify(found);
      if (text === said) return;
      said = text;
      replace(list, ...found.map((one) => h('li', { class: 'card' }, fields(one))));
    } catch (error) {
      note.say(
        `Publications could not be read${said === '' ? '' : ', what is below may be old'}: ${messageOf(error)}`,
      );
    }
  }
  return {
    update() {
      if (store.resources !== null && !store.resources.has(PATH)) {
        note.say('This gateway does not publish on chain: it has no publications.');
        return;
      }
      if (store.resources === null || store.locked || performance.now() - askedAt < EVERY_MS) return;
      askedAt = performance.now();
      void read();
    },
    destroy() {},
  };
}

/** Words of a camel-cased name. @param {string} name */
const words = (name) => name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();

/** @param {unknown} value @returns {Node} */
function fields(value) {
  if (Array.isArray(value)) return h('ul', {}, ...value.map((one) => h('li', {}, fields(one))));
  if (value === null || typeof value !== 'object')
    return document.createTextNode(value === null ? '–' : String(value));
  return h(
    'dl',
    { class: 'fields' },
    ...Object.entries(value).flatMap(([name, inner]) => [
      h('dt', {}, words(name)),
      h('dd', {}, fields(inner)),
    ]),
  );
}
