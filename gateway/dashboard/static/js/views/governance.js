import { ApiError, getJson, messageOf, quotaIsSpare } from '../api.js';
import { h } from '../dom.js';
import { notice, section } from '../parts.js';
import { store } from '../store.js';
import { createTable } from '../table.js';
import { auditPart } from './audit.js';
import { parametersPart } from './parameters.js';
import { proposalPanel } from './proposal.js';
import { proposalColumns } from './proposal-columns.js';

/** @typedef {import('./proposal-columns.js').Proposal} Proposal */

const EVERY_MS = 10_000;
const PROPOSALS = 50;
const ENTRIES = 20;

/**
 * Something of the gateway that is read again while the page is open, with what to say when it cannot be.
 * @param {string} path
 * @param {string} what
 */
function reading(path, what) {
  const note = notice();
  /** @type {any} */
  let answer = null;
  return {
    note: note.element,
    answer: () => answer,
    forget() {
      answer = null;
      note.say('Not answered yet.');
    },
    async read() {
      const { filled } = store;
      try {
        const found = await getJson(path);
        if (store.filled !== filled) return;
        answer = found;
        note.say(null);
      } catch (error) {
        if (store.filled !== filled) return;
        if (error instanceof ApiError && error.type === 'missing-scope') {
          answer = null;
          note.say(`${what} cannot be shown: ${error.message}.`);
        } else {
          const old = answer === null ? '' : ', what is below may be old';
          note.say(`${what} could not be read${old}: ${messageOf(error)}`);
        }
      }
    },
  };
}

/** Proposals, what is in force and announced, and who did what. @param {HTMLElement} root @param {string | null} id of a proposal */
export function governanceView(root, id) {
  const absence = notice();
  const proposals = reading(`/v1/proposals?limit=${PROPOSALS}`, 'Proposals');
  const chosen = id === null ? null : reading(`/v1/proposals/${encodeURIComponent(id)}`, 'The proposal');
  const parameters = reading('/v1/parameters', 'Parameters');
  const audit = reading(`/v1/audit?order=newest&limit=${ENTRIES}`, 'The audit log');
  const all = [proposals, parameters, audit, ...(chosen === null ? [] : [chosen])];
  const table = createTable({
    caption: 'Proposals, the newest first',
    columns: proposalColumns(),
    key: (proposal) => proposal.id,
    rowClass: (proposal) => (proposal.id === id ? 'chosen' : ''),
    empty: 'Nothing has been proposed.',
  });
  const more = h('p', { class: 'hint' });
  const panel = id === null ? null : proposalPanel(id);
  const inForce = parametersPart();
  const log = auditPart();
  inForce.content.before(parameters.note);
  log.content.before(audit.note);
  const content = h(
    'div',
    { hidden: true },
    section('Proposals', proposals.note, table.element, more),
    ...(panel === null || chosen === null ? [] : [chosen.note, panel.element]),
    inForce.element,
    log.element,
  );
  root.append(h('h1', { tabindex: -1 }, 'Governance'), absence.element, content);
  let askedAt = Number.NEGATIVE_INFINITY;
  let session = store.filled;
  for (const one of all) one.forget();

  async function read() {
    await Promise.all(all.map((one) => one.read()));
    draw();
  }
  function draw() {
    /** @type {{ proposals: Proposal[], nextCursor: string | null } | null} */
    const list = proposals.answer();
    table.element.hidden = list === null;
    table.update(list?.proposals ?? []);
    more.textContent =
      (list?.nextCursor ?? null) === null ? '' : `Older than the last ${PROPOSALS} are not shown.`;
    const one = chosen?.answer() ?? null;
    if (panel !== null) {
      panel.element.hidden = one === null;
      if (one !== null) panel.update(one);
    }
    inForce.update(parameters.answer());
    log.update(audit.answer());
    const lost = store.connection.state === 'lost';
    content.classList.toggle('stale', lost);
  }
  return {
    update() {
      const { resources, locked } = store;
      // What another key was shown goes with it.
      if (session !== store.filled) {
        session = store.filled;
        askedAt = Number.NEGATIVE_INFINITY;
        for (const each of all) each.forget();
      }
      const absent = resources !== null && !resources.has('/v1/proposals');
      content.hidden = resources === null || absent || locked;
      if (locked) absence.say('Give an API key to see the governance of your protocol.');
      else if (absent)
        absence.say('This gateway has no governance: it runs without a database of protocols.');
      else if (resources === null) absence.say('The gateway has not answered yet.');
      else if (store.connection.state === 'lost')
        absence.say('The connection is lost, what is below may be old.');
      else absence.say(null);
      if (!content.hidden) draw();
      const due = performance.now() - askedAt >= EVERY_MS && (askedAt < 0 || quotaIsSpare());
      if (content.hidden || !due || document.visibilityState === 'hidden') return;
      askedAt = performance.now();
      void read();
    },
    destroy() {},
  };
}
