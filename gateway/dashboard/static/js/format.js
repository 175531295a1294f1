/** How figures are written. Decimal strings are rounded by Intl from the string itself, never by way of a float. */

/** @param {number} digits */
const fixed = (digits) =>
  new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const TWO = fixed(2);
const SIX = fixed(6);
const UP_TO_FOUR = new Intl.NumberFormat('en-US', { maximumFractionDigits: 4 });
const COMPACT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
const SIGNIFICANT = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

/** What stands for a value that is not there. */
export const NONE = '–';

/**
 * @param {Intl.NumberFormat} format
 * @param {string} text
 */
const write = (format, text) => format.format(/** @type {Intl.StringNumericLiteral} */ (text));

/** An amount of the quote asset. @param {string | null} text */
export const money = (text) => (text === null ? NONE : write(TWO, text));

/** A price: more decimals where it is small. @param {string | null} text */
export function price(text) {
  if (text === null) return NONE;
  return write(Math.abs(Number(text)) < 10 ? SIX : TWO, text);
}

/** A size in units of an asset. @param {string} text */
export const size = (text) => write(UP_TO_FOUR, text);

/** The exact difference of two decimal strings. @param {string} a @param {string} b */
export function minus(a, b) {
  const units = (/** @type {string} */ text) => {
    const [whole = '', part = ''] = text.replace('-', '').split('.');
    const value = BigInt(whole + part.padEnd(18, '0').slice(0, 18));
    return text.startsWith('-') ? -value : value;
  };
  const difference = units(a) - units(b);
  const digits = (difference < 0n ? -difference : difference).toString().padStart(19, '0');
  return `${difference < 0n ? '-' : ''}${digits.slice(0, -18)}.${digits.slice(-18)}`;
}

/** For cells with little room. @param {string} text */
export const compact = (text) => write(COMPACT, text);

/** A statistic. @param {number | null} value */
export const number = (value) => (value === null ? NONE : SIGNIFICANT.format(value === 0 ? 0 : value));

/** @param {number | null} share @param {number} [digits] */
export const percent = (share, digits = 1) => (share === null ? NONE : `${(share * 100).toFixed(digits)} %`);

/** A signed move such as +20 %. @param {number} share */
export const move = (share) => `${share > 0 ? '+' : ''}${(share * 100).toFixed(0)} %`;

/** @param {number | null} seconds */
export function age(seconds) {
  if (seconds === null || !Number.isFinite(seconds)) return NONE;
  const s = Math.max(0, seconds);
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 120) return `${Math.round(s)} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  if (s < 172_800) return `${(s / 3600).toFixed(1)} h`;
  return `${Math.round(s / 86_400)} d`;
}

/** How long until something, in its two largest units. @param {number} ms */
export function remaining(ms) {
  const s = Math.max(0, Math.ceil(ms / 1000));
  const [days, hours, minutes] = [Math.floor(s / 86_400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${s % 60} s` : `${s} s`;
}

/** UTC, to the second. @param {string | number} time */
export function time(time) {
  const iso = new Date(time).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}

/** Codes of reasons as one line. @param {readonly { code: string }[]} reasons */
export const codes = (reasons) => [...new Set(reasons.map(({ code }) => code))].join(', ');

/** From when on a curve goes, in words. @param {readonly { time: number }[]} points */
export const since = (points) =>
  points[0] === undefined ? '' : `. ${points.length} points since ${time(points[0].time * 1000)} UTC`;
