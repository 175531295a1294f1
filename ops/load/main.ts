import { parseArgs } from 'node:util';
import { describe, judge, megabytes, percent } from './judge.ts';
import { type LoadResult, runLoad } from './load.ts';
import { cores } from './processor.ts';

const USAGE = `npm run load -- [--minutes 10] [--protocols 4] [--accounts 50] [--rate 60] [--seed 1]

Starts two gateways and two workers over PostgreSQL and Redis on free ports of the loopback interface, asks them at a
fixed rate (all protocols together, requests per second) whether or not answers come, and stops everything. One
protocol more exceeds its quota on purpose. Ends with "N passed, N failed".`;

/** A number option within its bounds. */
function number(name: string, given: string | undefined, fallback: number, most: number): number {
  const value = given === undefined ? fallback : Number(given);
  if (!(value > 0 && value <= most)) throw new RangeError(`--${name}: must be above 0 and at most ${most}`);
  return value;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  '),
    )
    .join('\n');
}

function print(result: LoadResult): void {
  const { seconds, tallies, greedy, parts, streams } = result;
  const all = [...tallies.values()];
  const answered = all.reduce((sum, one) => sum + one.answered, 0);
  const errors = all.reduce((sum, one) => sum + one.errors(), 0);
  const ms = (value: number) => value.toFixed(1);
  console.log(
    table([
      ['operation', 'requests', 'per second', 'p50 ms', 'p99 ms', 'errors', 'outcomes'],
      ...[...tallies].map(([name, tally]) => [
        name,
        `${tally.answered}`,
        (tally.answered / seconds).toFixed(1),
        ms(tally.medianMs),
        ms(tally.percentile(0.99)),
        `${tally.errors()}`,
        describe(tally.outcomes),
      ]),
    ]),
  );
  console.log(
    `throughput ${(answered / seconds).toFixed(1)} answers a second over ${seconds.toFixed(0)} s; error share ${((100 * errors) / answered).toFixed(4)} %`,
  );
  console.log(`a client over its quota, on purpose: ${describe(greedy.outcomes)}`);
  console.log(`event streams: ${streams.map(({ events }) => events).join(', ')} events`);
  console.log(
    table([
      ['program', 'cores', 'MB at half time', 'at the end', 'change'],
      ...parts.map(({ name, judged, cores: busy, half, end, growth }) => [
        judged ? name : `${name} (keeps data)`,
        ...[busy.toFixed(2), megabytes(half), megabytes(end), percent(growth)],
      ]),
    ]),
  );
  console.log(
    `this program: ${result.generatorCores.toFixed(2)} cores; all programs of the machine: ${result.machineCores.toFixed(2)} of ${cores()}`,
  );
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    protocols: { type: 'string' },
    accounts: { type: 'string' },
    rate: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help === true) {
  console.log(USAGE);
} else {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => stop.abort());
  const result = await runLoad({
    minutes: number('minutes', values.minutes, 10, 240),
    protocols: Math.ceil(number('protocols', values.protocols, 4, 100)),
    accounts: Math.ceil(number('accounts', values.accounts, 50, 10_000)),
    rate: number('rate', values.rate, 60, 20_000),
    seed: Math.ceil(number('seed', values.seed, 1, 2 ** 31)),
    signal: stop.signal,
    report: (line) => console.log(`::: ${line}`),
  });
  print(result);
  const checks = judge(result);
  for (const { name, passed, detail } of checks) {
    console.log(`${passed ? 'ok    ' : 'FAILED'} ${name}${passed ? '' : `: ${detail}`}`);
  }
  const failed = checks.filter(({ passed }) => !passed).length;
  console.log(`${checks.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
