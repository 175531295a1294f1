import { setTimeout as delay } from 'node:timers/promises';
import { openDatabase } from '../../db/connection.ts';
import { setQuota } from '../../db/queries/api-keys.ts';
import { seededUniform } from '../../risk/statistics/sequence.ts';
import { type Cluster, startCluster } from '../cluster/cluster.ts';
import { type DueRequest, Generator } from './generator.ts';
import { familyBytes, growthFromHalf, type MemorySample, residentBytes } from './memory.ts';
import { MIX, type PlannedRequest, ProtocolPlan } from './operations.ts';
import { machineSeconds, processorSeconds } from './processor.ts';
import { openStream } from './streams.ts';
import type { OperationTally } from './tally.ts';

export interface LoadOptions {
  readonly minutes: number;
  readonly protocols: number;
  /** Per protocol. */
  readonly accounts: number;
  /** Requests per second of all protocols within their quota. */
  readonly rate: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
}

/** Memory and processor time of a part of the cluster. */
export interface PartRow extends ReturnType<typeof growthFromHalf> {
  readonly name: string;
  /** Cores that it kept busy, on average. */
  readonly cores: number;
  /** Our programs must not grow; a store grows with what it keeps. */
  readonly judged: boolean;
}

export interface LoadResult {
  readonly seconds: number;
  readonly tallies: ReadonlyMap<string, OperationTally>;
  /** The client that exceeds its quota on purpose. */
  readonly greedy: OperationTally;
  readonly greedyQuota: number;
  readonly parts: readonly PartRow[];
  /** Of this process: the generator, and the chains' blocks and prices. */
  readonly generatorCores: number;
  /** All programs of the machine together, those that have nothing to do with this as well. */
  readonly machineCores: number;
  readonly streams: readonly { readonly events: number; readonly broken: string | null }[];
  /** Accounts whose stored book is not the one that was acknowledged last. */
  readonly lost: readonly string[];
  readonly accounts: number;
  /** Programs that ended, each with the last that it said. */
  readonly ended: readonly string[];
}

const GREEDY_QUOTA_PER_MINUTE = 60;
const GREEDY_PER_SECOND = 4;
const SAMPLE_MS = 2_000;
const SETTLED_MS = 30_000;

/** Two gateways and two workers over PostgreSQL and Redis, asked at a fixed rate over the loopback interface. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { protocols, accounts, report } = options;
  // The last protocol is the one that exceeds its quota.
  const cluster = await startCluster({ gateways: 2, workers: 2, protocols: protocols + 1, report });
  try {
    const database = openDatabase({ url: cluster.postgres.urlAt(cluster.postgres.port) });
    await setQuota(database, cluster.protocols.at(-1)!.id, GREEDY_QUOTA_PER_MINUTE, 'load');
    await database.close();
    const ids = Array.from({ length: accounts }, (_, at) => `account-${at + 1}`);
    const below = (seed: number) => {
      const uniform = seededUniform(seed);
      return (n: number) => Math.floor(uniform() * n);
    };
    let knownFromMs = 0;
    const plans = cluster.protocols.slice(0, protocols).map(({ key }, at) => ({
      key,
      plan: new ProtocolPlan(ids, below(options.seed + at), () => knownFromMs),
    }));
    await fill(cluster, plans, ids);
    knownFromMs = Date.now();
    // Until that moment is settled.
    await delay(SETTLED_MS);
    report(`${protocols} x ${accounts} accounts are written; ${options.rate} requests a second from now on`);
    return await measure(cluster, plans, options);
  } finally {
    await cluster.stop();
  }
}

type Plans = readonly { readonly key: string; readonly plan: ProtocolPlan }[];

const toDue = (url: string, key: string, plan: ProtocolPlan, planned: PlannedRequest): DueRequest => ({
  operation: planned.operation,
  method: planned.method,
  url: `${url}${planned.path}`,
  key,
  body: planned.body,
  answered: (status) => plan.answered(planned, status),
});

/** Writes every account once, so that no read finds none; before anything is measured. */
async function fill(cluster: Cluster, plans: Plans, ids: readonly string[]): Promise<void> {
  const generator = new Generator();
  for (const id of ids) {
    const url = cluster.gateways[0]!.url!;
    await Promise.all(plans.map(({ key, plan }) => generator.send(toDue(url, key, plan, plan.write(id)))));
  }
  await generator.finish();
  const failed = generator.tallies.get('write positions')!;
  if (failed.errors() > 0)
    throw new Error(`accounts could not be written: ${[...failed.examples.values()][0]}`);
}

async function measure(cluster: Cluster, plans: Plans, options: LoadOptions): Promise<LoadResult> {
  const { signal, report } = options;
  const urls = cluster.gateways.map(({ url }) => url!);
  const members = [...cluster.gateways, ...cluster.workers];
  const parts = [
    ...members.map(({ name, program }) => ({ name, program, judged: true, read: residentBytes })),
    { name: 'redis', program: cluster.redis.program, judged: false, read: residentBytes },
    { name: 'postgres', program: cluster.postgres.program, judged: false, read: familyBytes },
  ].map((part) => {
    const pid = part.program.pid ?? 0;
    return { ...part, pid, samples: [] as MemorySample[], usedAtStart: processorSeconds(pid) };
  });
  const ownAtStart = process.cpuUsage();
  const machineAtStart = machineSeconds();
  const streams = plans.flatMap(({ key }) => urls.map((url) => openStream(url, key)));
  const greedyKey = cluster.protocols.at(-1)!.key;
  const [generator, greedy] = [new Generator(), new Generator()];
  const began = performance.now();
  const ended = () => signal.aborted || performance.now() - began >= options.minutes * 60_000;
  let told = 0;
  const sample = () => {
    const atMs = performance.now();
    for (const { samples, read, pid } of parts) samples.push({ atMs, bytes: read(pid) });
    if (atMs - began < told * 60_000) return;
    told += 1;
    const megabytes = parts.map(
      ({ name, samples }) => `${name} ${(samples.at(-1)!.bytes / 2 ** 20).toFixed(0)}`,
    );
    report(`${Math.round((atMs - began) / 1000)} s: ${megabytes.join(', ')} MB`);
  };
  const sampler = setInterval(sample, SAMPLE_MS);
  let turn = 0;
  await Promise.all([
    generator.run(
      options.rate,
      () => {
        turn += 1;
        const { key, plan } = plans[turn % plans.length]!;
        // Every protocol is served by both gateways in turn.
        const url = urls[Math.floor(turn / plans.length) % urls.length]!;
        return toDue(url, key, plan, plan.next(Date.now()));
      },
      ended,
    ),
    greedy.run(
      GREEDY_PER_SECOND,
      () => ({ operation: 'greedy', method: 'GET', url: `${urls[0]}/v1/prices`, key: greedyKey, body: null }),
      ended,
    ),
  ]);
  const endedMs = performance.now();
  clearInterval(sampler);
  const seconds = (endedMs - began) / 1000;
  const { user, system } = process.cpuUsage(ownAtStart);
  const generatorCores = (user + system) / 1e6 / seconds;
  await Promise.all([generator.finish(), greedy.finish()]);
  const heard = streams.map(({ events, broken }) => ({ events, broken }));
  for (const stream of streams) stream.close();
  return {
    seconds,
    tallies: new Map(MIX.map(([name]) => [name, generator.tallies.get(name)!] as const).filter(([, t]) => t)),
    greedy: greedy.tallies.get('greedy')!,
    greedyQuota: GREEDY_QUOTA_PER_MINUTE,
    parts: parts.map(({ name, judged, samples, pid, usedAtStart }) => ({
      ...{ name, judged },
      ...growthFromHalf(samples, began, endedMs),
      cores: (processorSeconds(pid) - usedAtStart) / seconds,
    })),
    generatorCores,
    machineCores: (machineSeconds() - machineAtStart) / seconds,
    streams: heard,
    lost: await lostWrites(urls, plans),
    accounts: plans.length * options.accounts,
    ended: parts
      .filter(({ pid }) => Number.isNaN(residentBytes(pid)))
      .map(({ name, program }) => `${name} (${program.output().trimEnd().split('\n').at(-1)})`),
  };
}

/** Asks every gateway for every book; what it holds must be at least what was acknowledged. */
async function lostWrites(urls: readonly string[], plans: Plans): Promise<string[]> {
  const lost: string[] = [];
  for (const { key, plan } of plans) {
    for (const [account, sequence] of plan.acknowledged) {
      for (const url of urls) {
        const answer = await fetch(`${url}/v1/accounts/${account}/positions`, {
          headers: { authorization: `Bearer ${key}` },
        });
        const body = (await answer.json()) as { readonly sequence?: number };
        if (answer.status !== 200 || !(Number(body.sequence) >= sequence)) lost.push(`${account} on ${url}`);
      }
    }
  }
  return lost;
}
