import type { Random } from '../../gateway/demo/market/random.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Member, ServiceName } from '../cluster/member.ts';
import type { Checks } from './checks.ts';
import type { Ledger } from './ledger.ts';

/** What all parts of a run share. */
export interface Scene {
  readonly cluster: Cluster;
  readonly ledger: Ledger;
  readonly checks: Checks;
  readonly random: Random;
  readonly truth: Truth;
  /** Aborted when the load ends. */
  readonly ended: AbortSignal;
}

/** What the run knows about the world of each gateway and worker: it makes it. */
export class Truth {
  readonly #cuts = new Map<string, number>();
  readonly #clocks = new Map<string, { readonly offsetMs: number; readonly sinceMs: number }>();

  /** Since when (Unix ms) a member does not hear from a service; null: it does. */
  cutSince({ name }: Member, service: ServiceName): number | null {
    return this.#cuts.get(`${name} ${service}`) ?? null;
  }

  cut({ name }: Member, service: ServiceName): void {
    this.#cuts.set(`${name} ${service}`, Date.now());
  }

  healed({ name }: Member, service: ServiceName): void {
    this.#cuts.delete(`${name} ${service}`);
  }

  setClock({ name }: Member, offsetMs: number): void {
    this.#clocks.set(name, { offsetMs, sinceMs: Date.now() });
  }

  /** How far ahead its clock is; null for the seconds in which it may be the one or the other. */
  offsetOf({ name }: Member): number | null {
    const clock = this.#clocks.get(name);
    if (clock === undefined) return 0;
    return Date.now() - clock.sinceMs < 1_500 ? null : clock.offsetMs;
  }
}

export const pick = <T>(random: Random, from: readonly T[]): T =>
  from[Math.min(from.length - 1, Math.floor(random.uniform() * from.length))]!;
