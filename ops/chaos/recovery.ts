import { setTimeout as delay } from 'node:timers/promises';
import type { Member } from '../cluster/member.ts';
import { ask } from './ask.ts';
import type { DoneFault } from './faults.ts';
import { bookAt, sendBook } from './load/positions.ts';
import type { Scene } from './scene.ts';

const PAUSE_MS = 300;

/** When what worked, in machine time. */
export interface Samples {
  /** By gateway: when a write was sent that it acknowledged. */
  readonly writes: ReadonlyMap<string, number[]>;
  /** By gateway: when a margin was asked for that it answered as current. */
  readonly margins: ReadonlyMap<string, number[]>;
  /** When a price was stored by a job. */
  readonly jobs: number[];
}

export interface Sampler {
  readonly samples: Samples;
  readonly running: Promise<unknown>;
}

/** Asks every gateway the whole time for a write and a margin, and looks what jobs store. */
export function startSampler(scene: Scene, signal: AbortSignal): Sampler {
  const { cluster, ledger } = scene;
  const protocol = cluster.protocols[0]!;
  const samples = {
    writes: new Map<string, number[]>(),
    margins: new Map<string, number[]>(),
    jobs: [] as number[],
  };
  const probe = async (gateway: Member) => {
    const writes: number[] = [];
    const margins: number[] = [];
    samples.writes.set(gateway.name, writes);
    samples.margins.set(gateway.name, margins);
    const record = ledger.account(protocol.id, `probe-${gateway.name}`);
    for (let sequence = 1; !signal.aborted; sequence += 1) {
      await delay(PAUSE_MS);
      const sentMs = Date.now();
      if ((await sendBook(scene, protocol, record, bookAt(sequence), () => gateway)) !== null)
        writes.push(sentMs);
      const askedMs = Date.now();
      const margin = await ask(gateway.url!, protocol, `/v1/accounts/${record.account}/margin`);
      if (margin?.status === 200 && margin.body.stale === false) margins.push(askedMs);
    }
  };
  const jobs = async () => {
    while (!signal.aborted) {
      await delay(PAUSE_MS);
      const rows = await cluster.postgres
        .query<{ at: Date | null }>(
          "select max(as_of) as at from price_snapshots where as_of < now() + interval '1 second'",
        )
        .catch(() => []);
      const at = rows[0]?.at?.getTime();
      if (at !== undefined && at !== samples.jobs.at(-1)) samples.jobs.push(at);
    }
  };
  return { samples, running: Promise.all([...cluster.gateways.map(probe), jobs()]) };
}

/** Milliseconds from a fault until everybody did it again; null: never. */
export interface Recovery {
  readonly writesMs: number | null;
  readonly marginsMs: number | null;
  readonly jobsMs: number | null;
}

export function recoveryOf({ fromMs }: DoneFault, { writes, margins, jobs }: Samples): Recovery {
  const first = (times: readonly number[]) => {
    const found = times.find((time) => time > fromMs);
    return found === undefined ? null : found - fromMs;
  };
  const all = (times: ReadonlyMap<string, readonly number[]>) => {
    const each = [...times.values()].map(first);
    return each.some((ms) => ms === null) ? null : Math.max(...(each as number[]));
  };
  return { writesMs: all(writes), marginsMs: all(margins), jobsMs: first(jobs) };
}
