import type { LoadResult } from './load.ts';

/** Largest change of a program's memory from half time to the end. */
export const MOST_GROWTH = 0.05;

export interface Check {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
}

/** What a run must show: no error but the deliberate 429s, memory that stays, no write lost, no program that fell. */
export function judge(result: LoadResult): readonly Check[] {
  const checks: Check[] = [];
  const check = (name: string, passed: boolean, detail: string) => checks.push({ name, passed, detail });
  for (const [name, tally] of result.tallies) {
    const errors = tally.errors();
    const examples = [...tally.examples].map(([outcome, text]) => `${outcome}: ${text}`);
    check(
      `${name}: no error`,
      errors === 0 && tally.answered > 0,
      [`${errors} errors`, ...examples].join('; '),
    );
  }
  const { greedy } = result;
  const allowed = greedy.outcomes.get('200') ?? 0;
  // A bucket that is full at first and is filled again at the rate of the quota; one minute's worth more for moments in
  // which Redis does not answer in time and the gateway counts for itself.
  const most = Math.ceil(result.greedyQuota * (2 + result.seconds / 60));
  check(
    'quota: the greedy client is refused',
    (greedy.outcomes.get('429') ?? 0) > 0,
    describe(greedy.outcomes),
  );
  check('quota: and served within it', allowed > 0 && allowed <= most, `${allowed} served, ${most} allowed`);
  check('quota: and told nothing else', greedy.errors(['429']) === 0, describe(greedy.outcomes));
  for (const { name, judged, half, end, growth } of result.parts) {
    if (!judged) continue;
    const detail = `${megabytes(half)} at half time, ${megabytes(end)} at the end: ${percent(growth)}`;
    check(`memory of ${name} within 5 % of half time`, growth <= MOST_GROWTH, detail);
  }
  const broken = result.streams.flatMap(({ broken: why }) => (why === null ? [] : [why]));
  const silent = result.streams.filter(({ events }) => events === 0).length;
  check(
    'event streams stay open and are served',
    broken.length === 0 && silent === 0,
    `${result.streams.length} streams, ${silent} silent, ${broken.length} broken off ${broken.join(', ')}`.trim(),
  );
  check(
    'every acknowledged book is there on both gateways',
    result.lost.length === 0,
    `${result.accounts} accounts, lost: ${result.lost.slice(0, 5).join(', ') || 'none'}`,
  );
  check('no program ended', result.ended.length === 0, result.ended.join(', ') || 'none');
  return checks;
}

export function describe(outcomes: ReadonlyMap<string, number>): string {
  return [...outcomes].map(([outcome, count]) => `${outcome} x ${count}`).join(', ') || 'nothing';
}

export const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MB`;
export const percent = (share: number) => `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)} %`;
