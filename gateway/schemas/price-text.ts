import type { RobustPrice } from '../../oracles/price.ts';
import { priceDto, usedPriceDto } from './price.ts';

/** A text around the one number that changes while the price does not. */
interface Prepared {
  readonly before: string;
  readonly after: string;
}

const AGE = '"ageSeconds":null';
/** Prices are never changed in place. */
const prices = new WeakMap<RobustPrice, Prepared & { readonly validForMs: number }>();
const usedPrices = new WeakMap<RobustPrice, Prepared>();

/** `JSON.stringify(priceDto(...))`, made once for each price that was formed. */
export function priceText(price: RobustPrice, nowMs: number, validForMs: number): string {
  const { market } = price;
  // Past its time an answer has reasons of its own.
  if (market === null || nowMs > price.asOfMs + validForMs) {
    return JSON.stringify(priceDto(price, nowMs, validForMs));
  }
  let text = prices.get(price);
  if (text === undefined || text.validForMs !== validForMs) {
    text = { validForMs, ...aroundAge(priceDto(price, nowMs, validForMs)) };
    prices.set(price, text);
  }
  return withAge(text, nowMs - market.publishTimeMs);
}

/** `JSON.stringify(usedPriceDto(...))`, made once for each price that was formed. */
export function usedPriceText(price: RobustPrice, nowMs: number): string {
  const { market } = price;
  if (market === null) return JSON.stringify(usedPriceDto(price, nowMs));
  let text = usedPrices.get(price);
  if (text === undefined) {
    text = aroundAge(usedPriceDto(price, nowMs));
    usedPrices.set(price, text);
  }
  return withAge(text, nowMs - market.publishTimeMs);
}

function aroundAge(dto: { readonly ageSeconds: number | null }): Prepared {
  const whole = JSON.stringify({ ...dto, ageSeconds: null });
  const at = whole.indexOf(AGE);
  return { before: whole.slice(0, at + AGE.length - 4), after: whole.slice(at + AGE.length) };
}

function withAge({ before, after }: Prepared, ageMs: number): string {
  return `${before}${ageMs / 1000}${after}`;
}
