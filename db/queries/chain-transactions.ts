import { and, asc, eq, inArray, max, ne } from 'drizzle-orm';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { chainTransactions } from '../schema/publications.ts';

/** One signed version of a transaction; all versions of one share nonce and call. */
export interface SignedVersion {
  readonly hash: `0x${string}`;
  readonly raw: `0x${string}`;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** Wall time. */
  readonly signedAtMs: number;
}

export interface StoredTransaction {
  readonly chain: string;
  /** Lower-case address. */
  readonly sender: string;
  readonly nonce: number;
  readonly publication: string;
  readonly step: string;
  readonly request: {
    readonly to: `0x${string}`;
    readonly data: `0x${string}`;
    readonly value: bigint;
    readonly gas: bigint;
  };
  readonly versions: readonly SignedVersion[];
  readonly state: 'open' | 'mined' | 'reverted' | 'lost' | 'final';
  readonly minedHash: `0x${string}` | null;
  readonly blockNumber: bigint | null;
}

type Key = Pick<StoredTransaction, 'chain' | 'sender'>;
const fromRow = (row: typeof chainTransactions.$inferSelect): StoredTransaction => {
  const { createdAt: _createdAt, ...rest } = row;
  return {
    ...rest,
    request: row.request as StoredTransaction['request'],
    versions: row.versions as StoredTransaction['versions'],
    state: row.state as StoredTransaction['state'],
    minedHash: row.minedHash as StoredTransaction['minedHash'],
  };
};

/** Transactions whose fate may still change, by nonce. @throws DatabaseUnavailableError */
export async function watchedTransactions(orm: Orm, { chain, sender }: Key): Promise<StoredTransaction[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(chainTransactions)
      .where(
        and(
          eq(chainTransactions.chain, chain),
          eq(chainTransactions.sender, sender),
          inArray(chainTransactions.state, ['open', 'mined']),
        ),
      )
      .orderBy(asc(chainTransactions.nonce)),
  );
  return rows.map(fromRow);
}

/** The highest nonce that a transaction of ours holds; null before the first. @throws DatabaseUnavailableError */
export async function highestNonce(orm: Orm, { chain, sender }: Key): Promise<number | null> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select({ nonce: max(chainTransactions.nonce) })
      .from(chainTransactions)
      .where(
        and(
          eq(chainTransactions.chain, chain),
          eq(chainTransactions.sender, sender),
          ne(chainTransactions.state, 'lost'),
        ),
      ),
  );
  return rows[0]?.nonce ?? null;
}

/** Keeps a transaction before it is sent; a lost one of its nonce gives way. @throws DatabaseUnavailableError */
export async function recordTransaction(orm: Orm, made: StoredTransaction): Promise<void> {
  const { chain, sender, nonce } = made;
  await withDatabaseErrors(async () => {
    const row = { ...made, createdAt: Date.now() };
    const written = await orm
      .insert(chainTransactions)
      .values(row)
      .onConflictDoUpdate({
        target: [chainTransactions.chain, chainTransactions.sender, chainTransactions.nonce],
        set: row,
        setWhere: eq(chainTransactions.state, 'lost'),
      })
      .returning({ nonce: chainTransactions.nonce });
    if (written.length === 0) throw new Error(`nonce ${nonce} of ${sender} on ${chain} is taken`);
  });
}

/** @throws DatabaseUnavailableError */
export async function changeTransaction(
  orm: Orm,
  { chain, sender, nonce }: Pick<StoredTransaction, 'chain' | 'sender' | 'nonce'>,
  values: Partial<Pick<StoredTransaction, 'versions' | 'state' | 'minedHash' | 'blockNumber'>>,
): Promise<void> {
  await withDatabaseErrors(() =>
    orm
      .update(chainTransactions)
      .set(values)
      .where(
        and(
          eq(chainTransactions.chain, chain),
          eq(chainTransactions.sender, sender),
          eq(chainTransactions.nonce, nonce),
        ),
      ),
  );
}
