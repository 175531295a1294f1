import { h, replace } from '../dom.js';
import { time } from '../format.js';
import { badge, section } from '../parts.js';
import { createTable } from '../table.js';

/** @typedef {import('zod').infer<typeof import('../../../../schemas/audit.ts').auditListSchema>} Audit */
/** @typedef {Audit['entries'][number]} Entry */

/** The end of the audit log, with whether it holds together. */
export function auditPart() {
  const verdict = h('p', { class: 'state-line' });
  const table = createTable({
    caption: 'Audit log, the newest first',
    columns: [
      {
        label: '#',
        header: true,
        numeric: true,
        text: (/** @type {Entry} */ { sequence }) => String(sequence),
        sort: ({ sequence }) => sequence,
      },
      { label: 'Time (UTC)', text: ({ at }) => time(at), sort: ({ at }) => at },
      {
        label: 'Actor',
        text: ({ actor }) => shortened(actor),
        hint: ({ actor }) => actor,
        sort: ({ actor }) => actor,
      },
      { label: 'Action', text: ({ action }) => action, sort: ({ action }) => action },
      { label: 'Subject', text: ({ subject }) => shortened(subject), hint: ({ subject }) => subject },
      { label: 'Hash', text: ({ hash }) => hash.slice(0, 12), hint: ({ hash }) => hash },
      {
        label: 'Details',
        wrap: true,
        text: ({ details }) => shortened(JSON.stringify(details), 80),
        hint: ({ details }) => JSON.stringify(details),
      },
    ],
    key: ({ sequence }) => String(sequence),
    empty: 'Nothing has been done yet.',
  });
  const content = h('div', { hidden: true }, verdict, table.element);
  return {
    element: section('Audit log', content),
    content,
    /** @param {Audit | null} answer */
    update(answer) {
      content.hidden = answer === null;
      if (answer === null) return;
      table.update(answer.entries);
      const { chain, entries } = answer;
      if (chain === null) replace(verdict, badge('off', 'not verified'));
      else if (!chain.intact) {
        const faults = chain.faults.map(({ sequence, message }) => `entry ${sequence} ${message}`);
        replace(verdict, badge('bad', 'broken'), ` ${faults.join('; ')}.`);
      } else if (chain.head === null) replace(verdict);
      else {
        replace(
          verdict,
          badge('good', 'intact'),
          ` The gateway recomputed the last ${entries.length} of ${chain.head.sequence} entries: each has its hash and follows the one before. The whole log: `,
          h('code', {}, 'npm run audit -- verify'),
          '.',
        );
      }
    },
  };
}

/** The beginning of what is long; the end of an id too. @param {string} text @param {number} [most] */
const shortened = (text, most = 24) =>
  text.length <= most
    ? text
    : /0x[0-9a-f]{40}/.test(text) && most < 40
      ? `${text.slice(0, most - 7)}…${text.slice(-6)}`
      : `${text.slice(0, most - 1)}…`;
