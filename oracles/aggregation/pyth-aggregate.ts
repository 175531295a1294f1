import { threeVoteMedian } from './three-vote.ts';

/** One publisher's quote in Pyth's on-chain aggregate, all with one exponent. */
export interface PublisherQuote {
  readonly price: bigint;
  readonly conf: bigint;
  /** 1 = trading. */
  readonly status: number;
  /** Slots since it was published (>= 0). */
  readonly ageSlots: number;
}

export type PythAggregate =
  | { readonly status: 'trading'; readonly price: bigint; readonly conf: bigint }
  | { readonly status: 'unknown'; readonly price: 0n; readonly conf: 0n };

const TRADING = 1;
const MAX_AGE_SLOTS = 25;
const UNKNOWN = { status: 'unknown', price: 0n, conf: 0n } as const;

/**
 * Pyth's aggregate of its publishers: quotes count while trading, at most 25 slots old and with a confidence; a
 * result without confidence is no result. The building block behind our own vote, pinned by Pyth's own cases.
 */
export function pythAggregate(quotes: readonly PublisherQuote[]): PythAggregate {
  const voters = quotes
    .filter(({ status, conf, ageSlots }) => status === TRADING && conf > 0n && ageSlots <= MAX_AGE_SLOTS)
    .map(({ price, conf }) => ({ price, halfWidth: conf, weight: 1n }));
  if (voters.length === 0) return UNKNOWN;
  const { price, confidence } = threeVoteMedian(voters);
  return confidence > 0n ? { status: 'trading', price, conf: confidence } : UNKNOWN;
}
