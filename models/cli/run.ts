import { pathToFileURL } from 'node:url';
import { BreakwaterError } from '../../risk/errors.ts';

/**
 * Runs a command when its file is the entry point: `--help` prints the usage, a typed refusal its message and exit
 * code 1. Progress goes to standard error, the result to standard output.
 */
export function runCommand(
  url: string,
  usage: string,
  command: (argv: readonly string[], report: (line: string) => void) => Promise<string>,
): void {
  if (process.argv[1] === undefined || url !== pathToFileURL(process.argv[1]).href) return;
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  command(argv, (line) => process.stderr.write(`${line}\n`)).then(
    (text) => process.stdout.write(`${text}\n`),
    (error: unknown) => {
      if (!(error instanceof BreakwaterError)) throw error;
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 1;
    },
  );
}
