import { type Address, parseAbi } from 'viem';
import type { Reason } from '../../risk/market/verdict.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { ChainUnavailableError } from '../clients/errors.ts';
import type { ChainReader, ReadOutcome } from '../clients/ports.ts';
import { type Venue, type VenueBook, venueBook, venueCall } from './venue-book.ts';

const uptimeAbi = parseAbi([
  'function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
]);

/** One account on one chain at one block. */
export interface ChainBooks {
  readonly chain: string;
  /** null: not readable now; then `cut` says why. */
  readonly block: { readonly number: bigint; readonly timeMs: UnixMs } | null;
  /** By venue, in the order asked; null where it could not be read. */
  readonly books: readonly (VenueBook | null)[];
  /** Why value there cannot be reached now; null = it can. */
  readonly cut: Reason | null;
}

/** Reads an account at venues of one chain, with the sequencer's state, at one pinned block. Total. */
export async function readChainBooks(
  reader: ChainReader,
  sequencerUptimeFeed: Address | null,
  venues: readonly Venue[],
  account: string,
): Promise<ChainBooks> {
  const { chain } = reader;
  const uptime =
    sequencerUptimeFeed === null
      ? []
      : [{ address: sequencerUptimeFeed, abi: uptimeAbi, functionName: 'latestRoundData' }];
  try {
    const view = await reader.pin();
    const outcomes = await view.read([...venues.map((venue) => venueCall(venue, account)), ...uptime]);
    const read = venues.map((venue, index) => venueBook(venue, outcomes[index]!));
    const failed = read.flatMap((one) => (one.ok ? [] : [one.error]));
    const down = uptime.length === 0 ? null : sequencerDown(outcomes[venues.length]);
    const unreadable = failed[0] === undefined ? null : { code: 'venue-unreadable', message: failed[0] };
    const why = unreadable ?? (down === null ? null : { code: 'sequencer', message: down });
    return {
      chain,
      block: { number: view.blockNumber, timeMs: view.blockTimeMs },
      books: read.map((one) => (one.ok ? one.book : null)),
      cut: why === null ? null : reason(why.code, chain, why.message),
    };
  } catch (error) {
    if (!(error instanceof ChainUnavailableError)) throw error;
    const cut = reason('chain-unavailable', chain, 'no endpoint can be read from');
    return { chain, block: null, books: venues.map(() => null), cut };
  }
}

const reason = (code: string, chain: string, why: string): Reason => ({
  code,
  message: `chain ${chain} is cut off: ${why}; its losses count, its value does not`,
  subject: chain,
});

/** An uptime feed that does not answer, or has never been set, counts as down. */
function sequencerDown(outcome: ReadOutcome | undefined): string | null {
  if (!outcome?.ok) return 'its sequencer feed does not answer';
  const [, answer, startedAt] = outcome.value as readonly bigint[];
  if (startedAt === 0n) return 'its sequencer feed has no status yet';
  return answer === 0n ? null : 'its sequencer is down';
}
