import type { ChainBooks } from '../../chains/venues/read-chain.ts';
import { keyOf, type StoredVenueBook, type VenueBookKey } from '../../db/queries/venue-books.ts';
import type { ChainState } from '../../risk/cross-chain/across.ts';
import type { HaircutParameters } from '../../risk/cross-chain/haircut.ts';
import type { PositionFailure } from '../../risk/modules/module.ts';
import type { AnyPosition } from '../../risk/portfolio/portfolio.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { BlockSeen, OnChains, VenueSeen } from './on-chains.ts';
import { type ChainVenues, linkOf } from './venue-list.ts';

/** A chain as it was found when the books were read. */
export type ChainRead = Pick<ChainBooks, 'chain' | 'block' | 'cut'>;

const NEVER_READ = {
  code: 'venue-never-read',
  message: (name: string, chain: string) => `${name} on ${chain} has never been read for this account`,
};

export const keyFor = (chain: string, address: string, account: string): VenueBookKey => ({
  chain,
  venue: address.toLowerCase(),
  account,
});

/** What one account has on chain, from the books that count; `reads` in the order of the chains. */
export function booksOf(
  mine: readonly ChainVenues[],
  reads: readonly ChainRead[],
  accountId: string,
  counted: ReadonlyMap<string, StoredVenueBook>,
  haircut: HaircutParameters,
  /** Why there is none of a venue: its code, and the message of its name and chain. */
  none: { readonly code: string; message(name: string, chain: string): string } = NEVER_READ,
): OnChains {
  const cashOn = new Map<string, Wad>();
  const positions: AnyPosition[] = [];
  const failures: PositionFailure[] = [];
  const seen: VenueSeen[] = [];
  const oldest = new Map<string, BlockSeen>();
  for (const { definition, venues } of mine) {
    const chain = definition.id;
    for (const { name, address } of venues) {
      const book = counted.get(keyOf(keyFor(chain, address, accountId)));
      if (book === undefined) {
        failures.push({
          positionId: `@${chain}:${name}`,
          reason: { code: none.code, message: none.message(name, chain), subject: chain },
        });
        continue;
      }
      seen.push({ chain, name, address, sequence: book.sequence });
      positions.push(...book.positions);
      cashOn.set(chain, (cashOn.get(chain) ?? 0n) + book.cashWad);
      const of = oldest.get(chain);
      if (of === undefined || book.blockTimeMs < of.timeMs)
        oldest.set(chain, { number: book.blockNumber, timeMs: book.blockTimeMs });
    }
  }
  return {
    states: mine.map(
      ({ definition }, at): ChainState => ({
        chain: definition.id,
        link: linkOf(definition),
        cut: reads[at]!.cut,
      }),
    ),
    blocks: reads.map(({ chain, block }) => ({
      chain,
      number: block?.number ?? null,
      timeMs: block?.timeMs ?? null,
      books: oldest.get(chain) ?? null,
    })),
    venues: seen,
    positions,
    cashOn,
    haircut,
    failures,
  };
}
