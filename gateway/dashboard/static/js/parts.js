import { h } from './dom.js';

/** Small pieces that several views share. */

/** @typedef {'good' | 'warn' | 'bad' | 'off'} Tone */

/** @type {Record<string, Tone>} */
const STATUS_TONES = {
  healthy: 'good',
  warned: 'warn',
  'margin-call': 'warn',
  liquidatable: 'bad',
  insolvent: 'bad',
  unknown: 'off',
};
const SEVERITY = ['insolvent', 'liquidatable', 'unknown', 'margin-call', 'warned', 'healthy'];

/** The worst first. @param {string} status */
export const severity = (status) => SEVERITY.indexOf(status);

/** A mark with a word: colour is never the only sign. @param {Tone} tone @param {string} text @param {string} [hint] */
export const badge = (tone, text, hint) => h('span', { class: `badge ${tone}`, title: hint }, text);

/** @param {string} status */
export const statusBadge = (status) => badge(STATUS_TONES[status] ?? 'off', status);

/** @param {{ usable: boolean, reasons: readonly { code: string, message: string }[] }} verdict */
export const verdictBadge = ({ usable, reasons }) =>
  badge(
    usable ? 'good' : 'bad',
    usable ? 'usable' : 'refused',
    reasons.map(({ message }) => message).join('; '),
  );

/** @param {readonly { code: string, message: string, subject?: string | undefined }[]} reasons */
export const reasonList = (reasons) =>
  h(
    'ul',
    { class: 'reasons' },
    ...reasons.map(({ code, message }) => h('li', {}, h('code', {}, code), ` ${message}`)),
  );

/** A figure under its name. @param {string} name @param {Node | string} value @param {string} [className] */
export const figure = (name, value, className) =>
  h('div', { class: 'figure' }, h('dt', {}, name), h('dd', { class: className }, value));

/** @param {string} title @param {...import('./dom.js').Child} children */
export function section(title, ...children) {
  const id = `section-${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
  return h('section', { 'aria-labelledby': id }, h('h2', { id }, title), ...children);
}

/** A note that stands out; hidden while its text is empty. */
export function notice() {
  const element = h('p', { class: 'notice', role: 'status', hidden: true });
  return {
    element,
    /** @param {string | null} text */
    say(text) {
      element.hidden = text === null;
      if (element.textContent !== (text ?? '')) element.textContent = text ?? '';
    },
  };
}

/** Whether what stands here is current, and if not why; always there, so that nothing jumps. */
export function stateLine() {
  const element = h('p', { class: 'state-line hint' });
  let said = '';
  return {
    element,
    /** @param {string | null} stale @param {string} text */
    say(stale, text) {
      const next = `${stale} ${text}`;
      if (next === said) return;
      said = next;
      element.textContent = '';
      element.append(badge(stale === null ? 'good' : 'bad', stale === null ? 'current' : 'stale'));
      element.append(` ${stale === null ? '' : `${stale}. `}${text}`);
    },
  };
}
