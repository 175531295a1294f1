/** What a cell may hold; null is an empty cell. */
export type Cell = string | number | boolean | null;

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
/** First characters that make a spreadsheet calculate (OWASP, CSV injection), full-width forms included. */
const FORMULA = /^\s*[=+\-@\t\r＝＋－＠]/;

/**
 * A cell as RFC 4180 writes it: in quotes where a comma, a quote or a line end is inside. Text that a spreadsheet would take for a
 * formula begins with an apostrophe; numbers, negative ones too, stay as they are.
 */
export function csvCell(value: Cell): string {
  if (value === null) return '';
  const text = String(value);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One record with its line end, which is CRLF (RFC 4180, 2.1). */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}
