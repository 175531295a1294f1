import { type Address, getAddress } from 'viem';
import type { AnyPosition } from '../../risk/portfolio/portfolio.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { PinnedView, ReadCall, ReadOutcome } from '../clients/ports.ts';
import { riskSubjectAbi } from '../contracts/abi.ts';
import { bytes32ToName, nameToBytes32 } from '../contracts/market-address.ts';

/** A contract that implements IRiskSubject. */
export interface Venue {
  /** Registry id of its chain. */
  readonly chain: string;
  /** Name of the operator's choice. */
  readonly name: string;
  readonly address: Address;
}

/** What an account has at one venue; sequence 0 = no such account. */
export interface VenueBook {
  readonly sequence: bigint;
  readonly cashWad: Wad;
  readonly positions: readonly AnyPosition[];
}

export type VenueOutcome =
  | { readonly ok: true; readonly book: VenueBook }
  | { readonly ok: false; readonly error: string };

interface RawBook {
  readonly sequence: bigint;
  readonly cash: bigint;
  readonly positions: readonly {
    readonly kind: number;
    readonly market: `0x${string}`;
    readonly size: bigint;
    readonly entryPrice: bigint;
    readonly unsettledFunding: bigint;
  }[];
}

export const venueCall = (venue: Venue, account: string): ReadCall =>
  positionsCall(getAddress(venue.address), account);

function positionsCall(address: Address, account: string): ReadCall {
  return {
    address,
    abi: riskSubjectAbi,
    functionName: 'positionsOf',
    args: [nameToBytes32(account, 'account')],
  };
}

/** A book as the risk modules take it. A kind or name that is not known makes the whole book unreadable. */
export function venueBook(venue: Venue, outcome: ReadOutcome): VenueOutcome {
  if (!outcome.ok) return outcome;
  const { sequence, cash, positions } = outcome.value as RawBook;
  try {
    const mapped = positions.filter(({ size }) => size !== 0n).map((raw) => positionOf(venue, raw));
    return { ok: true, book: { sequence, cashWad: cash, positions: mapped } };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

/** Names that were read, by what stands on chain: books name the same few markets over and over. */
const names = new Map<`0x${string}`, string>();
const MAX_NAMES = 4096;

function marketName(market: `0x${string}`): string {
  let name = names.get(market);
  if (name === undefined) {
    name = bytes32ToName(market, 'market');
    if (names.size >= MAX_NAMES) names.clear();
    names.set(market, name);
  }
  return name;
}

/** Ids begin with @, which no pushed position can have. */
function positionOf(venue: Venue, raw: RawBook['positions'][number]): AnyPosition {
  const name = marketName(raw.market);
  const { chain } = venue;
  const id = (kind: string) => `@${chain}:${venue.name}:${kind}:${name}`;
  const { kind, size: sizeWad, entryPrice: entryPriceWad, unsettledFunding: unsettledFundingWad } = raw;
  if (kind === 0 || kind === 3) {
    if (sizeWad < 0n) throw new Error(`the amount of ${name} is negative`);
    return kind === 0
      ? { kind: 'collateral', id: id('collateral'), asset: name, amountWad: sizeWad, chain }
      : { kind: 'loan', id: id('loan'), market: name, amountWad: sizeWad, chain };
  }
  if (kind === 1)
    return { kind: 'perp', id: id('perp'), market: name, sizeWad, entryPriceWad, unsettledFundingWad, chain };
  if (kind === 2) return { kind: 'option', id: id('option'), market: name, sizeWad, chain };
  throw new Error(`kind ${kind} of ${name} is not known`);
}

/**
 * Books of many accounts of one venue at the block of the view, batched, in the order of the accounts.
 * @throws ChainUnavailableError, InvalidInputError for a name that does not fit
 */
export async function readVenueBooks(
  view: PinnedView,
  venue: Venue,
  accounts: readonly string[],
): Promise<readonly VenueOutcome[]> {
  const address = getAddress(venue.address);
  const outcomes = await view.read(accounts.map((account) => positionsCall(address, account)));
  return outcomes.map((outcome) => venueBook(venue, outcome));
}
