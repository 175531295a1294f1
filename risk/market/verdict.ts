/** May new risk be taken / may this price be used for margin / may it be used to liquidate. */
export type Purpose = 'open' | 'margin' | 'liquidate';
export const PURPOSES: readonly Purpose[] = ['open', 'margin', 'liquidate'];

/** Why something was refused or charged: a stable code, and a sentence with the figures for people. */
export interface Reason {
  /** Stable kebab-case slug, e.g. `stale-source`, `quorum-not-met`. */
  readonly code: string;
  readonly message: string;
  /** The source, feed or position the reason is about, when there is one. */
  readonly subject?: string;
}

export interface Verdict {
  readonly usable: boolean;
  /** Empty when nothing is to be said; a usable verdict may still carry warnings. */
  readonly reasons: readonly Reason[];
}

export type Verdicts = Readonly<Record<Purpose, Verdict>>;
