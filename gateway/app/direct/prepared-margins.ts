import type { UnixMs } from '../../../risk/units/time.ts';
import type { ChangesView } from '../../engine/changes.ts';
import type { MarginAnswer } from '../ports.ts';

/** How long an answer is given again, in market and in wall time: some changes come with time alone. */
export const PREPARED_FOR_MS = 250;
/** Answers kept at most, the oldest given up first. */
const MAX_PREPARED = 4096;

interface Entry {
  readonly text: string;
  readonly mark: number;
  readonly feedIds: readonly string[];
  readonly asOfMs: UnixMs;
  readonly validUntilMs: UnixMs;
  /** Wall time, for a market clock may stand still. */
  readonly formedAtMs: number;
}

export interface PreparedMarginsOptions {
  readonly changes: ChangesView;
  /** Market time. */
  readonly nowMs: () => UnixMs;
  /** Monotonic wall milliseconds. */
  readonly wallMs: () => number;
}

/**
 * Margin answers as text, given again while nothing they were made of has changed, for a moment only and never past
 * their `validUntil`. An answer tells the moment it was formed at; by protocol, so that none is given to another.
 */
export class PreparedMargins {
  readonly #options: PreparedMarginsOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: PreparedMarginsOptions) {
    this.#options = options;
  }

  /** To be taken before anything is read for an answer that will be kept. */
  mark(): number {
    return this.#options.changes.mark();
  }

  /** Keeps the text of an answer that was formed after `mark`; not one with books on chain, which nobody announces, or netted with another's. */
  keep(protocol: string, answer: MarginAnswer, text: string, mark: number): void {
    const { accountId, asOfMs, validUntilMs } = answer;
    if (accountId === null || answer.across !== undefined || answer.netting !== undefined) return;
    const key = keyOf(protocol, accountId);
    this.#entries.delete(key);
    const feedIds = [...answer.prices.map(({ feedId }) => feedId), ...answer.missingFeeds];
    this.#entries.set(key, {
      text,
      mark,
      feedIds,
      asOfMs,
      validUntilMs,
      formedAtMs: this.#options.wallMs(),
    });
    if (this.#entries.size > MAX_PREPARED) this.#entries.delete(this.#entries.keys().next().value!);
  }

  /** The answer that was kept if it is still right, else null. */
  get(protocol: string, accountId: string): string | null {
    const entry = this.#entries.get(keyOf(protocol, accountId));
    if (entry === undefined) return null;
    const { changes, nowMs, wallMs } = this.#options;
    const now = nowMs();
    const sound =
      now >= entry.asOfMs &&
      now <= entry.asOfMs + PREPARED_FOR_MS &&
      now <= entry.validUntilMs &&
      wallMs() <= entry.formedAtMs + PREPARED_FOR_MS &&
      changes.unchangedSince(entry.mark, protocol, accountId, entry.feedIds);
    if (sound) return entry.text;
    this.#entries.delete(keyOf(protocol, accountId));
    return null;
  }
}

/** A protocol has no line feed in its name. */
const keyOf = (protocol: string, accountId: string) => `${protocol}\n${accountId}`;
