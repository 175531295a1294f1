import fc from 'fast-check';
import type { Database } from '../../../db/connection.ts';
import { type Operation, operationsOf, type Plan, plans, requestOf } from './requests.ts';
import { type FuzzWorld, fuzzWorld } from './world.ts';

export interface FuzzRow {
  readonly operation: string;
  sent: number;
  /** Answers below 400. */
  valid: number;
  failed: number;
}

export interface FuzzReport {
  readonly rows: readonly FuzzRow[];
  readonly sent: number;
  readonly valid: number;
  /** One line each: what was asked and what was wrong with the answer. */
  readonly failures: readonly string[];
  /** Documented operations that nothing was answered with a 2xx for. */
  readonly unreached: readonly string[];
}

/** Operations that take longer, as a share of the requests of others. */
const SHARE: readonly (readonly [RegExp, number])[] = [
  [/\/(capacity|stress|liquidation-plan|margin\/predicted)$/, 0.3],
  [/\/proposals|\/shadow$|\/margin\/difference$/, 0.3],
  [/^get \/(metrics|health|ready)$/, 0.3],
];
const shareOf = (operation: Operation) => SHARE.find(([pattern]) => pattern.test(operation.name))?.[1] ?? 1;

/** Requests of each operation at least, so that one that is refused often is still answered once. */
const FEWEST = 10;

/** Sends about `requests` requests for all operations of the document, the same ones for the same seed. */
export async function fuzz(
  database: Database,
  { requests, seed, onProgress }: { requests: number; seed: number; onProgress?: (done: number) => void },
): Promise<FuzzReport> {
  const world = await fuzzWorld(database);
  try {
    const operations = operationsOf(world);
    const total = operations.reduce((sum, operation) => sum + shareOf(operation), 0);
    const [first, second] = world.tenants;
    const all = operations.flatMap((operation, index) => {
      const count = Math.max(FEWEST, Math.ceil((requests * shareOf(operation)) / total));
      const half = (tenant: typeof first, other: typeof first, n: number, salt: number) =>
        fc.sample(plans(operation, world, tenant, other), { numRuns: n, seed: seed + 2 * index + salt });
      return [
        ...half(first, second, Math.ceil(count / 2), 0),
        ...half(second, first, Math.floor(count / 2), 1),
      ];
    });
    const rows = new Map(
      operations.map(({ name }): [string, FuzzRow] => [
        name,
        { operation: name, sent: 0, valid: 0, failed: 0 },
      ]),
    );
    const failures: string[] = [];
    for (const [done, plan] of mixed(all, seed).entries()) {
      const row = rows.get(plan.operation.name)!;
      const problem = await check(world, plan, (ok) => {
        row.sent += 1;
        if (ok) row.valid += 1;
      });
      if (problem !== null) {
        row.failed += 1;
        failures.push(problem);
      }
      onProgress?.(done + 1);
    }
    const list = [...rows.values()];
    return {
      rows: list,
      sent: list.reduce((sum, { sent }) => sum + sent, 0),
      valid: list.reduce((sum, { valid }) => sum + valid, 0),
      failures,
      unreached: list.filter(({ valid }) => valid === 0).map(({ operation }) => operation),
    };
  } finally {
    await world.close();
  }
}

/** Sends one; null when the answer is as it must be. */
async function check(world: FuzzWorld, plan: Plan, count: (ok: boolean) => void): Promise<string | null> {
  const { path, init } = await requestOf(world, plan);
  const answer = await world.send(path, init);
  count(answer.status < 400);
  const problems: string[] = [];
  if (answer.status >= 500) problems.push('is a failure of ours');
  try {
    world.contract.check(init.method, path, answer);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  if (answer.status >= 400 && answer.headers.get('content-type') !== 'application/problem+json') {
    problems.push('is no problem document');
  }
  if (plan.fault === 'key' && answer.status < 400 && path.startsWith('/v1/')) problems.push('needs no key');
  if (plan.fault === 'foreign' && answer.status < 400) problems.push('gives what another protocol has');
  const other = world.tenants.find(({ mark }) => mark !== plan.tenant.mark)!;
  const told = Object.values(plan.parts.path).reduce((text, sent) => text.replaceAll(sent, ''), answer.text);
  if (told.includes(other.mark)) problems.push(`names ${other.mark}, which is another protocol's`);
  if (problems.length === 0) return null;
  const body = typeof init.body === 'string' ? ` ${init.body.slice(0, 600)}` : '';
  return `${init.method} ${path.slice(0, 300)}${body} (${plan.fault}) -> ${answer.status} ${answer.text.slice(0, 400)}: ${problems.join('; ')}`;
}

/** All operations mixed, in an order that the seed decides. */
function mixed<T>(list: readonly T[], seed: number): T[] {
  const copy = [...list];
  let state = seed >>> 0;
  for (let i = copy.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}
