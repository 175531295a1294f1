import { BreakwaterError, InvalidInputError } from '../../risk/errors.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90d`, `24h`, `30m`, `10s` to milliseconds. @throws InvalidInputError naming the option */
export function durationMs(text: string, option: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  if (!match) throw new InvalidInputError(option, 'must be a duration such as 90d, 24h, 30m or 10s');
  return Number(match[1]) * UNITS[match[2]!]!;
}

/** An option that must be given. @throws InvalidInputError */
export function needed(value: string | undefined, option: string): string {
  if (value === undefined || value === '') throw new InvalidInputError(option, 'is required');
  return value;
}

/** Rows as aligned columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Runs a command line: its own refusals are told in their words with exit code 1, wrong usage with 2. */
export async function runCommand(usage: string, main: () => Promise<number | null>): Promise<void> {
  try {
    const code = await main();
    if (code === null) process.stderr.write(`${usage}\n`);
    process.exitCode = code ?? 2;
  } catch (error) {
    if (error instanceof BreakwaterError) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = error instanceof InvalidInputError ? 2 : 1;
    } else if (error instanceof TypeError && 'code' in error) {
      // parseArgs refuses unknown options so.
      process.stderr.write(`${error.message}\n${usage}\n`);
      process.exitCode = 2;
    } else throw error;
  }
}
