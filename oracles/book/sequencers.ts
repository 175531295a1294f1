import type { UnixMs } from '../../risk/units/time.ts';
import { GUARD_LIMITS } from '../guards/limits.ts';
import type { FeedMemory } from '../guards/memory.ts';
import type { SourceReport } from '../quotes/quote.ts';

interface Trouble {
  readonly up: boolean;
  readonly sinceMs: UnixMs;
}

/**
 * State of each chain's sequencer as the chain's own reports tell it: every source of an L2 is refused with `sequencer`
 * while it is down and with `sequencer-grace` for the time after. A chain that cannot be read says nothing new.
 */
export class Sequencers {
  private readonly troubles = new Map<string, Trouble>();

  /** @returns the chain whose state changed, or null. */
  observe(report: SourceReport): string | null {
    const { chain } = report.ok ? report.quote : report.failure;
    if (chain === null) return null;
    const known = this.troubles.get(chain);
    if (report.ok || !report.failure.code.startsWith('sequencer')) {
      if (known === undefined || (!report.ok && report.failure.code === 'chain-unavailable')) return null;
      this.troubles.delete(chain);
      return chain;
    }
    const up = report.failure.code === 'sequencer-grace';
    if (known?.up === up) return null;
    this.troubles.set(chain, { up, sinceMs: report.failure.atMs });
    return chain;
  }

  /** Null while nothing is wrong. A chain in its grace period is never called older than that. */
  state(chain: string, nowMs: UnixMs): FeedMemory['sequencer'] {
    const trouble = this.troubles.get(chain);
    if (trouble === undefined) return null;
    const since = Math.max(0, Math.floor((nowMs - trouble.sinceMs) / 1000));
    const { up } = trouble;
    return { up, sinceSeconds: up ? Math.min(since, GUARD_LIMITS.sequencerGraceSeconds - 1) : since };
  }
}
