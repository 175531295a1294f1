import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where vectors lie unless told otherwise: beside the repository. */
export const DEFAULT_VECTORS = resolve(import.meta.dirname, '../../../shared/vectors');

export function vectorsOf(set: string): string {
  return join(DEFAULT_VECTORS, set);
}

/** For `describe.skipIf`: the vectors of a set are not there. */
export function noVectors(set: string): boolean {
  return !existsSync(vectorsOf(set));
}

export function readText(dir: string, file: string): string {
  return readFileSync(join(dir, file), 'utf8');
}

export function readJson<T>(dir: string, file: string): T {
  return JSON.parse(readText(dir, file)) as T;
}

/** JSON files of a folder, sorted by name, numbers in names by value. */
export function jsonFiles(dir: string): string[] {
  const byName = new Intl.Collator('en', { numeric: true });
  return readdirSync(dir)
    .filter((file) => file.endsWith('.json'))
    .sort(byName.compare);
}

/** Rows of a CSV file without quotes, by the names of its header. */
export function readCsv(dir: string, file: string): Record<string, string>[] {
  const [header, ...rows] = readText(dir, file)
    .split(/\r?\n/)
    .filter((row) => row.trim() !== '')
    .map((row) =>
      row
        .replace(/^#/, '')
        .split(',')
        .map((cell) => cell.trim()),
    );
  return rows.map((row) => Object.fromEntries(header!.map((name, i) => [name, row[i] ?? ''])));
}
