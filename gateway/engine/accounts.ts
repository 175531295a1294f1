import type { Database } from '../../db/connection.ts';
import { type ListedVenue, listAccountHealth } from '../../db/queries/account-health.ts';
import { getAccount, type StoredAccount as Row } from '../../db/queries/accounts.ts';
import { putPositions } from '../../db/queries/put-positions.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { Clock } from '../../risk/units/time.ts';
import { UnknownAccountError } from '../app/errors.ts';
import type { AccountsPort } from '../app/ports.ts';

/** The book of a stored account as the risk modules take it. */
export function portfolioOf(row: Row): AnyPortfolio {
  return { accountId: row.account, cashWad: row.cashWad, positions: row.positions };
}

/** Accounts of every protocol over the database; the list has those at the protocol's venues too. */
export function databaseAccounts(
  database: Database,
  clock: Clock,
  venues: (protocol: string) => readonly ListedVenue[] = () => [],
): AccountsPort {
  return {
    async putPositions({ protocol, accountId, sequence, portfolio, idempotencyKey }) {
      const { ack, replayed } = await putPositions(database, {
        protocol,
        account: accountId,
        sequence,
        cashWad: portfolio.cashWad,
        positions: portfolio.positions,
        marketTimeMs: clock.nowMs(),
        ...(idempotencyKey === null ? {} : { idempotencyKey }),
      });
      return { sequence: ack.sequence, replayed: replayed || !ack.changed, acceptedAtMs: ack.acceptedAtMs };
    },
    async get(protocol, accountId) {
      const row = await getAccount(database.orm, protocol, accountId);
      if (row === null) throw new UnknownAccountError(accountId);
      const { sequence, updatedAtMs } = row;
      return { protocol, accountId, sequence, portfolio: portfolioOf(row), updatedAtMs };
    },
    async list(protocol, { status, order, after, limit }) {
      const found = await listAccountHealth(database.orm, protocol, {
        status,
        order,
        after: after === null ? null : { account: after.accountId, rank: after.rank },
        limit,
        venues: venues(protocol),
      });
      return found.map(({ account, ...rest }) => ({ accountId: account, ...rest }));
    },
  };
}
