import { parseArgs } from 'node:util';
import { InvalidInputError } from '../../risk/errors.ts';
import { MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';

/** `--name value` options and `--flag` switches; an unknown one is refused with its name. */
export function readArguments<S extends string, B extends string>(
  argv: readonly string[],
  strings: readonly S[],
  flags: readonly B[],
): { readonly values: Partial<Record<S, string>>; readonly flags: Record<B, boolean> } {
  const options: Record<string, { type: 'string' | 'boolean' }> = {};
  for (const name of strings) options[name] = { type: 'string' };
  for (const name of flags) options[name] = { type: 'boolean' };
  let parsed: Record<string, string | boolean | undefined>;
  try {
    parsed = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false })
      .values as typeof parsed;
  } catch (error) {
    throw new InvalidInputError('arguments', error instanceof Error ? error.message : String(error));
  }
  const values: Partial<Record<S, string>> = {};
  for (const name of strings) if (typeof parsed[name] === 'string') values[name] = parsed[name];
  const set = Object.fromEntries(flags.map((name) => [name, parsed[name] === true])) as Record<B, boolean>;
  return { values, flags: set };
}

/**
 * A date (`2024-01-01`, midnight UTC) or an ISO time at a full hour; without an offset it is UTC, whatever the machine's
 * zone. A day that its month does not have is refused.
 */
export function parseTime(name: string, text: string): UnixMs {
  const parts = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)?(Z|[+-]\d{2}:\d{2})?$/.exec(
    text,
  );
  const [, day, time = 'T00:00', zone = 'Z'] = parts ?? [];
  const ms = parts === null ? Number.NaN : Date.parse(`${day}${time}${zone}`);
  const midnight = Date.parse(`${day}T00:00Z`);
  if (Number.isNaN(ms) || new Date(midnight).toISOString().slice(0, 10) !== day)
    throw new InvalidInputError(name, `"${text}" is not a date`);
  if (ms % MS_PER_HOUR !== 0) throw new InvalidInputError(name, `"${text}" is not a full hour`);
  return ms;
}

/** A whole number from 0 to `largest`; `otherwise` where the option is not given. */
export function parseWhole(
  name: string,
  text: string | undefined,
  otherwise: number,
  largest: number,
): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > largest)
    throw new InvalidInputError(name, `"${text}" is not a whole number from 0 to ${largest}`);
  return value;
}
