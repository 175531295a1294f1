import { IdempotencyKeyConflictError, SequenceConflictError } from '../../../db/errors.ts';
import { UnknownAccountError } from '../../../gateway/app/errors.ts';
import type { AccountsPort, PutPositionsResult, StoredAccount } from '../../../gateway/app/ports.ts';
import type { AnyPortfolio } from '../../../risk/portfolio/portfolio.ts';

const text = (value: unknown) => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}n` : v));
const contentOf = ({ cashWad, positions }: AnyPortfolio) =>
  text([cashWad, [...positions].sort((a, b) => (a.id < b.id ? -1 : 1))]);

export interface InMemoryAccounts extends AccountsPort {
  /** Everything that was ever stored, to show that a refused request stored nothing. */
  readonly stored: ReadonlyMap<string, StoredAccount>;
}

/** A port in memory in place of db/, with the same rules and errors; db/'s own tests run on PostgreSQL. */
export function inMemoryAccounts(wallNowMs: () => number): InMemoryAccounts {
  const stored = new Map<string, StoredAccount>();
  const keys = new Map<string, { request: string; result: PutPositionsResult }>();
  const keyOf = (protocol: string, accountId: string) => JSON.stringify([protocol, accountId]);
  return {
    stored,
    async putPositions(input) {
      const { protocol, accountId, sequence, portfolio, idempotencyKey } = input;
      const request = text([accountId, sequence, contentOf(portfolio)]);
      const key = idempotencyKey === null ? null : JSON.stringify([protocol, idempotencyKey]);
      const earlier = key === null ? undefined : keys.get(key);
      if (earlier !== undefined) {
        if (earlier.request !== request) throw new IdempotencyKeyConflictError(idempotencyKey!);
        return { ...earlier.result, replayed: true };
      }
      const present = stored.get(keyOf(protocol, accountId));
      const same = present?.sequence === sequence && contentOf(present.portfolio) === contentOf(portfolio);
      if (present !== undefined && present.sequence >= sequence && !same) {
        throw new SequenceConflictError(accountId, sequence, present.sequence);
      }
      const acceptedAtMs = same ? present!.updatedAtMs : wallNowMs();
      if (!same) {
        stored.set(keyOf(protocol, accountId), {
          protocol,
          accountId,
          sequence,
          portfolio,
          updatedAtMs: acceptedAtMs,
        });
      }
      const result = { sequence, replayed: same, acceptedAtMs };
      if (key !== null) keys.set(key, { request, result });
      return result;
    },
    async get(protocol, accountId) {
      const found = stored.get(keyOf(protocol, accountId));
      if (found === undefined) throw new UnknownAccountError(accountId);
      return found;
    },
    async list(protocol, { status, after, limit }) {
      // No sweep runs over books in memory.
      if (status !== null) return [];
      return [...stored.values()]
        .filter(
          (account) =>
            account.protocol === protocol && (after === null || account.accountId > after.accountId),
        )
        .sort((a, b) => (a.accountId < b.accountId ? -1 : 1))
        .slice(0, limit)
        .map(({ accountId, sequence, portfolio, updatedAtMs }) => ({
          accountId,
          sequence,
          positionCount: portfolio.positions.length,
          updatedAtMs,
          rank: null,
          health: null,
        }));
    },
  };
}
