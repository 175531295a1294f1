import { parseArgs } from 'node:util';
import { BreakwaterError, InvalidInputError } from '../../risk/errors.ts';
import { holds } from './checks.ts';
import { checkTable, recoveryTable } from './report.ts';
import { type ChaosOptions, runChaos } from './run.ts';

const USAGE = `usage: npm run chaos -- [options]
  --rounds N       each fault N times, instead of the full run with its 50 kills
  --only A,B       these faults alone
  --seed N         order and choice of the faults (default 1)
  --keep           keeps the directory with the logs of all processes
  --allow-missing  a fault that cannot be had here (disk-full needs root) does not fail the run`;

function whole(text: string, name: string): number {
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1)
    throw new InvalidInputError(name, 'must be a whole number from 1');
  return Number(text);
}

function optionsOf(args: readonly string[]): ChaosOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      only: { type: 'string', default: '' },
      seed: { type: 'string', default: '1' },
      keep: { type: 'boolean', default: false },
      'allow-missing': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  return {
    rounds: values.rounds === undefined ? null : whole(values.rounds, '--rounds'),
    only: values.only.split(',').filter((kind) => kind !== ''),
    seed: whole(values.seed, '--seed'),
    keepFiles: values.keep,
    allowMissing: values['allow-missing'],
  };
}

const print = (text: string) => process.stdout.write(`${text}\n`);
const began = performance.now();
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
try {
  const options = optionsOf(process.argv.slice(2));
  if (options === null) print(USAGE);
  else {
    const report = (line: string) =>
      print(`${((performance.now() - began) / 1000).toFixed(1).padStart(7)}  ${line}`);
    const { checks, recovered, kills, load } = await runChaos(options, report, stop.signal);
    print(`\n${recoveryTable(recovered)}\n\n${load}\n\n${kills} kills -9\n\n${checkTable(checks)}`);
    const failed = checks.filter((check) => !holds(check)).length;
    print(`${checks.length - failed} passed, ${failed} failed`);
    process.exitCode = failed === 0 ? 0 : 1;
  }
} catch (error) {
  print(
    error instanceof BreakwaterError ? error.message : String(error instanceof Error ? error.stack : error),
  );
  print('0 passed, 1 failed');
  process.exitCode = 1;
}
process.exit();
