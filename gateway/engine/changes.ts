/** Accounts share this many places: two that share one only cost each other an answer that is formed again. */
const PLACES = 1 << 16;

/** What may have changed since an answer was formed; `Changes` fits. */
export interface ChangesView {
  /** The present moment, to be taken before anything is read for an answer. */
  mark(): number;
  /** Whether nothing that is known to have changed since then went into an answer of this account with these feeds. */
  unchangedSince(mark: number, protocol: string, accountId: string, feedIds: readonly string[]): boolean;
}

/**
 * Numbers the changes of prices, books and everything else that margins are made of. It knows of what it is told only:
 * who keeps an answer bounds its age as well.
 */
export class Changes implements ChangesView {
  #count = 0;
  #all = 0;
  readonly #feeds = new Map<string, number>();
  readonly #accounts = new Float64Array(PLACES);

  mark(): number {
    return this.#count;
  }

  unchangedSince(mark: number, protocol: string, accountId: string, feedIds: readonly string[]): boolean {
    if (this.#all > mark || this.#accounts[placeOf(protocol, accountId)]! > mark) return false;
    for (const feedId of feedIds) if ((this.#feeds.get(feedId) ?? 0) > mark) return false;
    return true;
  }

  /** Reports of these feeds changed. */
  feeds(feedIds: Iterable<string>): void {
    this.#count += 1;
    for (const feedId of feedIds) this.#feeds.set(feedId, this.#count);
  }

  /** The book of an account changed. */
  account(protocol: string, accountId: string): void {
    this.#count += 1;
    this.#accounts[placeOf(protocol, accountId)] = this.#count;
  }

  /** Anything may have changed: venue data, a lost connection to who would have told. */
  everything(): void {
    this.#count += 1;
    this.#all = this.#count;
  }
}

/** FNV-1a of both names. */
function placeOf(protocol: string, accountId: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < protocol.length; i++) hash = Math.imul(hash ^ protocol.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ 0x2f, 0x01000193);
  for (let i = 0; i < accountId.length; i++) hash = Math.imul(hash ^ accountId.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 16)) & (PLACES - 1);
}
