import type { ChainReader } from '../../chains/clients/ports.ts';
import type { ChainDefinition } from '../../chains/registry/chain.ts';
import { type ChainBooks, readChainBooks } from '../../chains/venues/read-chain.ts';
import type { Venue, VenueBook } from '../../chains/venues/venue-book.ts';
import type { ChainState } from '../../risk/cross-chain/across.ts';
import type { PositionFailure } from '../../risk/modules/module.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { Wad } from '../../risk/units/wad.ts';
import { UnknownAccountError, VenueUnreachableError } from '../app/errors.ts';
import type { AccountsPort, StoredAccount } from '../app/ports.ts';
import type { OnChains } from './on-chains.ts';

/** A pushed book together with what the account has at its protocol's venues. */
export interface MergedAccount extends StoredAccount {
  /** null: the protocol has no venues, or the account nothing there. */
  readonly onChains: OnChains | null;
}

export interface VenueAccountsOptions {
  readonly accounts: Pick<AccountsPort, 'get'>;
  readonly chains: readonly ChainDefinition[];
  readonly readers: ReadonlyMap<string, ChainReader>;
}

/** Venues of a protocol on a chain: subjects whose address the chain lists among the protocol's contracts. */
function venuesOf({ id, risk }: ChainDefinition, protocol: string): Venue[] {
  const own = new Set((risk?.protocols[protocol] ?? []).map((address) => address.toLowerCase()));
  return Object.entries(risk?.subjects ?? {})
    .filter(([, address]) => own.has(address.toLowerCase()))
    .map(([name, address]) => ({ chain: id, name, address }));
}

/**
 * Accounts with what they have on chain under the same name, read at one block per chain when they are asked for. What
 * cannot be read counts as last read; what has never been read makes the account unknown.
 */
export function venueAccounts({ accounts, chains, readers }: VenueAccountsOptions): {
  get(protocol: string, accountId: string): Promise<MergedAccount>;
} {
  const last = new Map<string, VenueBook>();
  return {
    async get(protocol, accountId) {
      const mine = chains
        .map((definition) => ({ definition, venues: venuesOf(definition, protocol) }))
        .filter(({ venues }) => venues.length > 0);
      if (mine.length === 0 || !/^[\x21-\x7e]{1,32}$/.test(accountId)) {
        return { ...(await accounts.get(protocol, accountId)), onChains: null };
      }
      const [stored, read] = await Promise.all([
        accounts.get(protocol, accountId).catch((error: unknown) => {
          if (error instanceof UnknownAccountError) return null;
          throw error;
        }),
        Promise.all(
          mine.map(({ definition, venues }) =>
            readChainBooks(readers.get(definition.id)!, definition.sequencerUptimeFeed, venues, accountId),
          ),
        ),
      ]);
      const merged = merge(mine, read, accountId, last);
      if (stored === null && merged.sequence === 0n) throw new UnknownAccountError(accountId);
      const base = stored ?? {
        protocol,
        accountId,
        sequence: 0n,
        updatedAtMs: 0,
        portfolio: { accountId, cashWad: 0n, positions: [] },
      };
      const portfolio: AnyPortfolio = {
        accountId,
        cashWad: [...merged.onChains.cashByChain.values()].reduce(
          (sum, cash) => sum + cash,
          base.portfolio.cashWad,
        ),
        positions: [...base.portfolio.positions, ...merged.positions],
      };
      return { ...base, portfolio, onChains: merged.onChains };
    },
  };
}

/** Books that are kept for a chain that goes away, the oldest given up first. */
const MAX_REMEMBERED = 200_000;

function remember(last: Map<string, VenueBook>, key: string, book: VenueBook): void {
  last.delete(key);
  last.set(key, book);
  if (last.size > MAX_REMEMBERED) last.delete(last.keys().next().value!);
}

function merge(
  mine: readonly { readonly definition: ChainDefinition; readonly venues: readonly Venue[] }[],
  read: readonly ChainBooks[],
  accountId: string,
  last: Map<string, VenueBook>,
) {
  const cashByChain = new Map<string, Wad>();
  const positions: AnyPortfolio['positions'][number][] = [];
  const failures: PositionFailure[] = [];
  let sequence = 0n;
  mine.forEach(({ venues, definition }, at) => {
    venues.forEach((venue, index) => {
      const key = `${definition.id}\n${venue.address}\n${accountId}`;
      const now = read[at]!.books[index] ?? null;
      if (now !== null) remember(last, key, now);
      const book = now ?? last.get(key) ?? null;
      if (book === null) {
        const message = `${venue.name} on ${definition.id} has never been read for this account`;
        failures.push({
          positionId: `@${definition.id}:${venue.name}`,
          reason: { code: 'venue-never-read', message },
        });
        return;
      }
      sequence += book.sequence;
      positions.push(...book.positions);
      cashByChain.set(definition.id, (cashByChain.get(definition.id) ?? 0n) + book.cashWad);
    });
  });
  const states = mine.map(
    ({ definition }, at): ChainState => ({
      chain: definition.id,
      link: definition.crossChain,
      cut: read[at]!.cut,
    }),
  );
  const blocks = read.map(({ chain, block }) => ({
    chain,
    number: block?.number ?? null,
    timeMs: block?.timeMs ?? null,
  }));
  const onChains: OnChains = { states, blocks, cashByChain, failures };
  return { sequence, positions, onChains };
}

/** For searches over the netted book, which know nothing of cut chains: an account with one is refused. @throws VenueUnreachableError */
export function reachable(held: ReturnType<typeof venueAccounts>): Pick<AccountsPort, 'get'> {
  return {
    async get(protocol, accountId) {
      const account = await held.get(protocol, accountId);
      const cut = account.onChains?.states.find((state) => state.cut !== null);
      if (cut !== undefined) throw new VenueUnreachableError(cut.chain);
      return account;
    },
  };
}
