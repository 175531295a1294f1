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

/** The subcommand that the first word names, own members only; undefined for no word or another one. */
export function subcommand<Run>(
  runs: Readonly<Record<string, Run>>,
  word: string | undefined,
): Run | undefined {
  return word !== undefined && Object.hasOwn(runs, word) ? runs[word] : undefined;
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

/** What a command line is given and writes to. */
export interface CommandIo {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  print(line: string): void;
  complain(line: string): void;
}

/** A command line: resolves to its exit code, null for wrong usage. */
export interface Command {
  readonly usage: string;
  run(io: CommandIo): Promise<number | null>;
}

/** Runs a command; its own refusals are told in their words and give 1, wrong usage gives 2. @returns the exit code */
export async function execute({ usage, run }: Command, io: CommandIo): Promise<number> {
  try {
    const code = await run(io);
    if (code === null) io.complain(usage);
    return code ?? 2;
  } catch (error) {
    if (error instanceof BreakwaterError) {
      io.complain(error.message);
      return error instanceof InvalidInputError ? 2 : 1;
    }
    // parseArgs refuses unknown options so.
    if (!(error instanceof TypeError && 'code' in error)) throw error;
    io.complain(`${error.message}\n${usage}`);
    return 2;
  }
}

/** Runs a command as this process. */
export async function runCommand(command: Command): Promise<void> {
  process.exitCode = await execute(command, {
    args: process.argv.slice(2),
    environment: process.env,
    print: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
  });
}
