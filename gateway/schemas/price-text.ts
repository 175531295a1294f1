import type { RobustPrice } from '../../oracles/price.ts';
import { priceDto } from './price.ts';

/** The text of a price that is still current, around the one number that changes while the price does not. */
interface Prepared {
  readonly validForMs: number;
  readonly before: string;
  readonly after: string;
}

const AGE = '"ageSeconds":null';
const prepared = new WeakMap<RobustPrice, Prepared>();

/** `JSON.stringify(priceDto(...))`, made once for each price that was formed; prices are never changed in place. */
export function priceText(price: RobustPrice, nowMs: number, validForMs: number): string {
  const { market } = price;
  // Past its time an answer has reasons of its own.
  if (market === null || nowMs > price.asOfMs + validForMs) {
    return JSON.stringify(priceDto(price, nowMs, validForMs));
  }
  let text = prepared.get(price);
  if (text === undefined || text.validForMs !== validForMs) {
    const whole = JSON.stringify({ ...priceDto(price, nowMs, validForMs), ageSeconds: null });
    const at = whole.indexOf(AGE);
    text = { validForMs, before: whole.slice(0, at + AGE.length - 4), after: whole.slice(at + AGE.length) };
    prepared.set(price, text);
  }
  return `${text.before}${(nowMs - market.publishTimeMs) / 1000}${text.after}`;
}
