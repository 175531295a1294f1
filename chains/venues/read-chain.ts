import { type Address, type Hex, parseAbi } from 'viem';
import type { Reason } from '../../risk/market/verdict.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { ChainUnavailableError } from '../clients/errors.ts';
import type { ChainReader, ReadOutcome } from '../clients/ports.ts';
import { type Venue, type VenueBook, venueBook, venueCall } from './venue-book.ts';

const uptimeAbi = parseAbi([
  'function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
]);

/** Code of a cut that is of one account alone: its chain can be read, a book of it cannot. */
export const UNREADABLE = 'venue-unreadable';

/** The block that books were read at. */
export interface ReadBlock {
  readonly number: bigint;
  readonly hash: Hex;
  readonly timeMs: UnixMs;
}

/** One account on one chain at one block. */
export interface ChainBooks {
  readonly chain: string;
  /** null: not readable now; then `cut` says why. */
  readonly block: ReadBlock | null;
  /** By venue, in the order asked; null where it could not be read. */
  readonly books: readonly (VenueBook | null)[];
  /** Why not, of the books that could not be read at a block that could. */
  readonly errors: readonly (string | null)[];
  /** Why value there cannot be reached now; null = it can. */
  readonly cut: Reason | null;
}

/** Reads accounts at venues of one chain, with the sequencer's state, all at one pinned block; in the order of the accounts. Total. */
export async function readChainBooks(
  reader: ChainReader,
  sequencerUptimeFeed: Address | null,
  venues: readonly Venue[],
  accounts: readonly string[],
): Promise<readonly ChainBooks[]> {
  const { chain } = reader;
  const uptime =
    sequencerUptimeFeed === null
      ? []
      : [{ address: sequencerUptimeFeed, abi: uptimeAbi, functionName: 'latestRoundData' }];
  try {
    const view = await reader.pin();
    const calls = accounts.flatMap((account) => venues.map((venue) => venueCall(venue, account)));
    const outcomes = await view.read([...calls, ...uptime]);
    const down = uptime.length === 0 ? null : sequencerDown(outcomes[calls.length]);
    const block = { number: view.blockNumber, hash: view.blockHash, timeMs: view.blockTimeMs };
    return accounts.map((_, at): ChainBooks => {
      const own = outcomes.slice(at * venues.length, (at + 1) * venues.length);
      const read = venues.map((venue, index) => venueBook(venue, own[index]!));
      const failed = read.flatMap((one) => (one.ok ? [] : [one.error]));
      const unreadable = failed[0] === undefined ? null : { code: UNREADABLE, message: failed[0] };
      const why = unreadable ?? (down === null ? null : { code: 'sequencer', message: down });
      return {
        chain,
        block,
        books: read.map((one) => (one.ok ? one.book : null)),
        errors: read.map((one) => (one.ok ? null : one.error)),
        cut: why === null ? null : cutReason(why.code, chain, why.message),
      };
    });
  } catch (error) {
    if (!(error instanceof ChainUnavailableError)) throw error;
    const cut = cutReason('chain-unavailable', chain, 'no endpoint can be read from');
    return accounts.map(() => ({
      chain,
      block: null,
      books: venues.map(() => null),
      errors: venues.map(() => null),
      cut,
    }));
  }
}

/** Why a chain is cut off, as answers tell it. */
export const cutReason = (code: string, chain: string, why: string): Reason => ({
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
