import { hasKey, quotaIsSpare, useKey } from './api.js';
import { byId, setText } from './dom.js';
import { time } from './format.js';
import { marketNow } from './market-clock.js';
import { changed, forgetTenant, onChange, store } from './store.js';
import { run, start } from './sync.js';
import { setUpTheme } from './theme.js';
import { accountView } from './views/account.js';
import { accountsView } from './views/accounts.js';
import { governanceView } from './views/governance.js';
import { incidentsView } from './views/incidents.js';
import { pricesView } from './views/prices.js';
import { publicationsView } from './views/publications.js';
import { volatilityView } from './views/volatility.js';

/** @typedef {{ update: () => void, destroy: () => void }} View */

const TITLES = {
  prices: 'Prices',
  volatility: 'Volatility',
  accounts: 'Accounts',
  governance: 'Governance',
  publications: 'Publications',
  incidents: 'Incidents',
};

/** @type {View | null} */
let view = null;

/** The page and its subject by the fragment; unknown ones lead to the prices. */
function place() {
  const [name = '', subject = ''] = location.hash.replace(/^#\//, '').split('/');
  const page = name in TITLES ? /** @type {keyof typeof TITLES} */ (name) : 'prices';
  try {
    return { page, subject: subject === '' ? null : decodeURIComponent(subject) };
  } catch {
    return { page, subject: null };
  }
}

/** @param {boolean} focus Moves the focus to the heading, as a new page would. */
function show(focus) {
  const { page, subject } = place();
  const main = byId('main');
  view?.destroy();
  main.textContent = '';
  if (page === 'volatility') view = volatilityView(main);
  else if (page === 'accounts') view = subject === null ? accountsView(main) : accountView(main, subject);
  else if (page === 'governance') view = governanceView(main, subject);
  else if (page === 'publications') view = publicationsView(main);
  else if (page === 'incidents') view = incidentsView(main);
  else view = pricesView(main, subject);
  document.title = `${subject === null || page === 'governance' ? TITLES[page] : `${subject}, ${TITLES[page]}`} – Breakwater`;
  for (const link of document.querySelectorAll('nav a')) {
    if (link.getAttribute('href') === `#/${page}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  view.update();
  if (focus) main.querySelector('h1')?.focus();
}

const STATES = {
  connecting: 'Connecting',
  live: 'Live',
  polling: 'Live without stream',
  lost: 'Connection lost',
};

function showConnection() {
  const { state, reason, since } = store.connection;
  const element = byId('connection');
  element.dataset.state = store.locked ? 'lost' : state;
  const slowed = quotaIsSpare() ? '' : ', slowed: half of the quota is used';
  setText(element, store.locked ? 'API key needed' : `${STATES[state]}${slowed}`);
  const banner = byId('banner');
  const lost = state === 'lost' && !store.locked;
  banner.hidden = !lost;
  setText(
    banner,
    lost
      ? `Connection lost at ${time(since)} UTC: ${reason}. Everything below is old and marked stale; it is tried again.`
      : '',
  );
  setText(byId('network'), store.network);
  setText(byId('market-time'), store.prices.size === 0 ? '' : `${time(marketNow())} UTC`);
}

function setUpKey() {
  const dialog = /** @type {HTMLDialogElement} */ (byId('key-dialog'));
  const form = /** @type {HTMLFormElement} */ (byId('key-form'));
  const input = /** @type {HTMLInputElement} */ (byId('key'));
  const button = byId('key-button');
  const give = (/** @type {string | null} */ key) => {
    useKey(key);
    forgetTenant();
    input.value = '';
    dialog.close();
    wasLocked = false;
    void start().then(changed);
  };
  let wasLocked = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const key = input.value.trim();
    // What a header cannot carry is no key; the browser would refuse to send it.
    if (/^[\x21-\x7e]{1,512}$/.test(key)) give(key);
    else input.setCustomValidity('A key is visible ASCII without spaces.');
    input.reportValidity();
  });
  input.addEventListener('input', () => input.setCustomValidity(''));
  byId('key-forget').addEventListener('click', () => give(null));
  byId('key-cancel').addEventListener('click', () => dialog.close());
  button.addEventListener('click', () => dialog.showModal());
  onChange(() => {
    setText(button, hasKey() ? 'API key: given' : 'API key');
    byId('key-forget').hidden = !hasKey();
    setText(
      byId('key-problem'),
      store.locked
        ? hasKey()
          ? 'This key is not known, expired or revoked.'
          : 'This gateway asks for a key.'
        : '',
    );
    if (store.locked && !wasLocked && !dialog.open) dialog.showModal();
    wasLocked = store.locked;
  });
}

function update() {
  showConnection();
  view?.update();
}

setUpTheme();
setUpKey();
// The fragment names the page, so this link moves the focus itself.
byId('skip').addEventListener('click', (event) => {
  event.preventDefault();
  byId('main').focus();
});
onChange(update);
setInterval(update, 1000);
addEventListener('hashchange', () => show(true));
show(false);
run();
