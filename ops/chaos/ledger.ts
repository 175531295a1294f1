/** A book of an account as a writer sends it. */
export interface SentBook {
  readonly sequence: number;
  readonly cash: string;
  readonly positions: readonly {
    readonly id: string;
    readonly kind: 'perp';
    readonly market: string;
    readonly size: string;
    readonly entryPrice: string;
    readonly chain: string;
  }[];
}

/** What one account was sent, and what of it was acknowledged. */
export interface AccountRecord {
  readonly protocol: string;
  readonly account: string;
  readonly sent: Map<number, SentBook>;
  readonly acknowledged: Set<number>;
  /** Highest acknowledged sequence; 0 before the first. */
  latest: number;
}

export interface ProposalRecord {
  readonly protocol: string;
  readonly title: string;
  /** null: the answer did not come. */
  id: string | null;
  /** Signers whose approval was acknowledged. */
  readonly approvedBy: Set<string>;
  /** Its state was seen to be closed. */
  closed: boolean;
}

export interface PublicationRecord {
  readonly referenceId: string;
  readonly line: string;
  /** Acknowledged under this id; null: the answer did not come. */
  id: string | null;
}

/** A book that must lead to a webhook. */
export interface ExpectedCall {
  readonly protocol: string;
  readonly account: string;
  readonly sequence: number;
  readonly atMs: number;
}

/** Everything that was sent to the cluster, and every acknowledgement that came back. */
export class Ledger {
  readonly accounts = new Map<string, AccountRecord>();
  readonly proposals: ProposalRecord[] = [];
  readonly publications: PublicationRecord[] = [];
  readonly calls: ExpectedCall[] = [];
  /** Requests without an answer, by what they were. */
  readonly unanswered = new Map<string, number>();
  /** Answers other than success, by status and type. */
  readonly refused = new Map<string, number>();

  account(protocol: string, account: string): AccountRecord {
    const key = `${protocol}/${account}`;
    const found = this.accounts.get(key) ?? {
      ...{ protocol, account, latest: 0 },
      sent: new Map(),
      acknowledged: new Set(),
    };
    this.accounts.set(key, found);
    return found;
  }

  /** Counts an answer that is no acknowledgement. */
  unsuccessful(
    what: string,
    answer: { readonly status: number; readonly body: { type?: string } } | null,
  ): void {
    const [counts, key] =
      answer === null
        ? [this.unanswered, what]
        : [this.refused, `${what} ${answer.status} ${answer.body?.type ?? ''}`];
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
}
