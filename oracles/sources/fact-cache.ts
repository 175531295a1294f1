import type { PinnedView, ReadCall, ReadOutcome } from './ports.ts';

const keyOf = (call: ReadCall): string => `${call.address.toLowerCase()}:${call.functionName}`;

/**
 * Keeps what contracts say once and for ever (decimals, token order, an aggregator's bounds), so that a round reads
 * only what moves. A call that failed is kept as failed for a while only: the contract may be behind a proxy.
 */
export class FactCache {
  private readonly kept = new Map<string, { outcome: ReadOutcome; rounds: number }>();
  private static readonly FAILED_ROUNDS = 100;

  /** Outcomes in the order of the calls; reads what is not known, in one batch. */
  async read(view: PinnedView, calls: readonly ReadCall[]): Promise<(call: ReadCall) => ReadOutcome> {
    const missing = new Map<string, ReadCall>();
    for (const call of calls) {
      const key = keyOf(call);
      const entry = this.kept.get(key);
      if (entry !== undefined && !entry.outcome.ok) entry.rounds += 1;
      const expired = entry !== undefined && entry.rounds > FactCache.FAILED_ROUNDS;
      if (entry === undefined || expired) missing.set(key, call);
    }
    if (missing.size > 0) {
      const outcomes = await view.read([...missing.values()]);
      [...missing.keys()].forEach((key, index) => {
        const outcome = outcomes[index] ?? { ok: false, error: 'no outcome' };
        this.kept.set(key, { outcome, rounds: 0 });
      });
    }
    return (call) => this.kept.get(keyOf(call))?.outcome ?? { ok: false, error: 'not read' };
  }
}
