import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { DataFileError } from './errors.ts';

export interface CsvLine {
  readonly line: number;
  readonly text: string;
}

/**
 * Lines of a text file, gunzipped when its name ends in `.gz`, after a header that must be exactly `header`.
 * A trailing empty line is not a line. Throws DataFileError for a file that is absent, truncated or of another form.
 */
export async function* csvLines(file: string, header: string): AsyncGenerator<CsvLine> {
  const raw = createReadStream(file);
  const source = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  raw.on('error', (error) => source.destroy(error));
  let line = 0;
  let rest = '';
  const decoder = new TextDecoder('utf-8');
  try {
    for await (const chunk of source) {
      const parts = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        line += 1;
        const text = part.endsWith('\r') ? part.slice(0, -1) : part;
        if (line === 1) checkHeader(file, text, header);
        else yield { line, text };
      }
    }
  } catch (error) {
    if (error instanceof DataFileError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new DataFileError(file, line + 1, `cannot be read: ${why}`, error);
  } finally {
    raw.destroy();
    source.destroy();
  }
  rest += decoder.decode();
  if (line === 0) checkHeader(file, rest.trim(), header);
  else if (rest !== '') yield { line: line + 1, text: rest.endsWith('\r') ? rest.slice(0, -1) : rest };
}

function checkHeader(file: string, found: string, header: string): void {
  const text = found.replace(/^\uFEFF/, '');
  if (text !== header)
    throw new DataFileError(file, 1, `header must be "${header}", found "${text.slice(0, 80)}"`);
}

/** A decimal number of a cell; no empty cell, hexadecimal, NaN or infinity. */
export function parseNumber(file: string, line: number, column: string, cell: string | undefined): number {
  if (cell === undefined || !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(cell)) {
    throw new DataFileError(file, line, `${column} is not a number: "${(cell ?? '').slice(0, 40)}"`);
  }
  const value = Number(cell);
  if (!Number.isFinite(value)) throw new DataFileError(file, line, `${column} is out of range: "${cell}"`);
  return value;
}
