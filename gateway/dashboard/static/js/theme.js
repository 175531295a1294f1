import { byId } from './dom.js';

const STORED = 'breakwater-theme';

/** Light, dark, or as the system says; kept in this browser. */
export function setUpTheme() {
  const select = /** @type {HTMLSelectElement} */ (byId('theme'));
  const kept = localStorage.getItem(STORED);
  select.value = kept === 'light' || kept === 'dark' ? kept : 'system';
  const apply = () => {
    if (select.value === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = select.value;
    document.dispatchEvent(new Event('themechange'));
  };
  select.addEventListener('change', () => {
    localStorage.setItem(STORED, select.value);
    apply();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', apply);
  apply();
}

/** A colour of the style sheet as a canvas understands it. @param {string} name such as `--line` */
export function colour(name) {
  const probe = byId('colour-probe');
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}
