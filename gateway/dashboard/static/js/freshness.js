import { age, time } from './format.js';
import { marketNow } from './market-clock.js';
import { store } from './store.js';

/**
 * Why something may not be taken as current, in words; null when it may. What the gateway calls stale is stale; so is
 * everything once its time is over or the line to the gateway is down.
 * @param {{ stale: boolean, validUntil: string, reasons: readonly { code: string, message: string }[] }} answer
 * @returns {string | null}
 */
export function staleReason(answer) {
  const { connection } = store;
  if (store.locked) return 'the gateway asks for an API key';
  if (connection.state === 'lost') {
    return `connection lost at ${time(connection.since)} UTC: ${connection.reason}`;
  }
  const why = answer.reasons.map(({ code, message }) => `${code}: ${message}`).join('; ');
  if (answer.stale) return why === '' ? 'the gateway calls it stale' : why;
  const lateMs = marketNow() - Date.parse(answer.validUntil);
  if (lateMs > 0) return `valid until ${time(answer.validUntil)}, ${age(lateMs / 1000)} ago; no newer answer`;
  return null;
}
