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

/**
 * Named cases of all JSON files in a folder: members of a file's object that have every given path, e.g.
 * `Result.realIM`. Files of another shape (parameters, inputs without results) have none.
 */
export function namedCases<T>(dir: string, ...paths: readonly string[]): [name: string, value: T][] {
  const has = (value: unknown, path: string): boolean => {
    let at: unknown = value;
    for (const key of path.split('.')) {
      if (typeof at !== 'object' || at === null || !(key in at)) return false;
      at = (at as Readonly<Record<string, unknown>>)[key];
    }
    return true;
  };
  return jsonFiles(dir).flatMap((file) =>
    Object.entries(readJson<Readonly<Record<string, unknown>>>(dir, file))
      .filter(([, value]) => paths.every((path) => has(value, path)))
      .map(([name, value]): [string, T] => [name, value as T]),
  );
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
