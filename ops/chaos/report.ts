import { type Check, holds } from './checks.ts';
import type { DoneFault } from './faults.ts';
import { FAULT_KINDS } from './plan.ts';
import type { Recovery } from './recovery.ts';

export interface Recovered {
  readonly fault: DoneFault;
  readonly recovery: Recovery;
}

const seconds = (ms: number) => (ms / 1000).toFixed(1);

/** `median / longest` in seconds. */
function spread(times: readonly (number | null)[]): string {
  if (times.some((ms) => ms === null)) return 'never';
  const sorted = (times as number[]).toSorted((left, right) => left - right);
  return `${seconds(sorted[Math.floor((sorted.length - 1) / 2)]!)} / ${seconds(sorted.at(-1)!)}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join('  '),
    )
    .join('\n');
}

/** Time to recover per fault: median and longest, in seconds. */
export function recoveryTable(all: readonly Recovered[]): string {
  const rows = FAULT_KINDS.flatMap((kind) => {
    const own = all.filter(({ fault }) => fault.kind === kind).map(({ recovery }) => recovery);
    if (own.length === 0) return [];
    return [
      [
        ...[kind, `${own.length}`, spread(own.map(({ writesMs }) => writesMs))],
        spread(own.map(({ marginsMs }) => marginsMs)),
        spread(own.map(({ jobsMs }) => jobsMs)),
      ],
    ];
  });
  return table([['fault', 'times', 'writes s', 'current margins s', 'jobs s'], ...rows]);
}

const SHOWN = 10;

/** One line per check, with its first violations. */
export function checkTable(checks: readonly Check[]): string {
  return checks
    .map((check) => {
      const { name, examined, violations } = check;
      const head = `${holds(check) ? 'passed' : 'FAILED'}  ${name}: ${examined} looked at, ${violations.length} wrong`;
      const more = violations.length > SHOWN ? [`and ${violations.length - SHOWN} more`] : [];
      return [head, ...[...violations.slice(0, SHOWN), ...more].map((line) => `          ${line}`)].join(
        '\n',
      );
    })
    .join('\n');
}
