import { and, eq, lt, sql } from 'drizzle-orm';
import type { AnyPosition } from '../../risk/portfolio/portfolio.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import { POSITIONS_CHANNEL } from '../channels.ts';
import type { Database, Orm } from '../connection.ts';
import { IdempotencyKeyConflictError, SequenceConflictError } from '../errors.ts';
import { contentHash } from '../json.ts';
import { accounts, idempotencyKeys, positionHistory } from '../schema/accounts.ts';
import { addToOutbox } from './outbox.ts';
import { unsettled } from './settled.ts';

export interface PutPositions {
  readonly protocol: string;
  readonly account: string;
  /** Must be greater than the stored one, or equal with identical content. */
  readonly sequence: bigint;
  readonly cashWad: Wad;
  readonly positions: readonly AnyPosition[];
  /** Of the book, unless that moment is settled already: then it is the next one. */
  readonly marketTimeMs: UnixMs;
  /** Wall time. Default now. */
  readonly nowMs?: UnixMs;
  readonly idempotencyKey?: string;
}

/** What was acknowledged; stored under the idempotency key and given again to a repeat. */
export interface PositionsAck {
  readonly protocol: string;
  readonly account: string;
  readonly sequence: bigint;
  /** False when the stored content was identical already. */
  readonly changed: boolean;
  readonly marketTimeMs: UnixMs;
  readonly acceptedAtMs: UnixMs;
}

export interface PutPositionsResult {
  readonly ack: PositionsAck;
  /** True when this answer was stored under the idempotency key before. */
  readonly replayed: boolean;
}

/**
 * Stores an account's positions in one transaction: idempotency key, row and outbox row commit together or not
 * at all; listeners are told after it. An emptied account is a put with no positions.
 * @throws SequenceConflictError older than the stored sequence, or equal with other content
 * @throws IdempotencyKeyConflictError the key came with another request before
 * @throws DatabaseUnavailableError nothing is known to be stored; the same request may be sent again
 */
export async function putPositions(database: Database, asked: PutPositions): Promise<PutPositionsResult> {
  const content = contentHash({ cash: asked.cashWad, positions: byId(asked.positions) });
  const result = await unsettled(database, asked.marketTimeMs, async (tx, marketTimeMs) => {
    const put = { ...asked, marketTimeMs };
    const expected = ackOf(put);
    const earlier = await claimKey(tx, put, content, expected);
    if (earlier) return { ack: earlier, replayed: true };
    const ack = await store(tx, put, content, expected);
    if (put.idempotencyKey !== undefined && ack !== expected) {
      await tx
        .update(idempotencyKeys)
        .set({ response: ack })
        .where(and(eq(idempotencyKeys.protocol, put.protocol), eq(idempotencyKeys.key, put.idempotencyKey)));
    }
    return { ack, replayed: false };
  });
  if (result.ack.changed && !result.replayed) {
    const { protocol, account, sequence } = asked;
    database.announce(POSITIONS_CHANNEL, { protocol, account, sequence });
  }
  return result;
}

/** The answer to a write that goes through. */
function ackOf(put: PutPositions): PositionsAck {
  const { protocol, account, sequence, marketTimeMs } = put;
  return { protocol, account, sequence, changed: true, marketTimeMs, acceptedAtMs: put.nowMs ?? Date.now() };
}

function byId(positions: readonly AnyPosition[]): readonly AnyPosition[] {
  return [...positions].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** Takes the key for this transaction (a concurrent holder is waited for), or returns its stored answer. */
async function claimKey(
  tx: Orm,
  put: PutPositions,
  content: string,
  expected: PositionsAck,
): Promise<PositionsAck | null> {
  const key = put.idempotencyKey;
  if (key === undefined) return null;
  const requestHash = contentHash({ account: put.account, sequence: put.sequence, content });
  const claimed = await tx
    .insert(idempotencyKeys)
    .values({
      protocol: put.protocol,
      key,
      requestHash,
      response: expected,
      createdAt: expected.acceptedAtMs,
    })
    .onConflictDoNothing()
    .returning({ key: idempotencyKeys.key });
  if (claimed.length > 0) return null;
  const rows = await tx
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.protocol, put.protocol), eq(idempotencyKeys.key, key)));
  if (rows[0]?.requestHash !== requestHash) throw new IdempotencyKeyConflictError(key);
  return rows[0].response as PositionsAck;
}

async function store(
  tx: Orm,
  put: PutPositions,
  content: string,
  expected: PositionsAck,
): Promise<PositionsAck> {
  const { protocol, account, sequence } = put;
  const row = {
    protocol,
    account,
    sequence,
    cashWad: put.cashWad,
    positions: put.positions,
    contentHash: content,
    marketTime: put.marketTimeMs,
    updatedAt: expected.acceptedAtMs,
  };
  // The conflict arm locks the row even when its condition is false, so the comparison below sees the last word.
  const written = await tx
    .insert(accounts)
    .values(row)
    .onConflictDoUpdate({
      target: [accounts.protocol, accounts.account],
      set: row,
      setWhere: lt(accounts.sequence, sql`excluded.sequence`),
    })
    .returning({ sequence: accounts.sequence });
  if (written.length > 0) {
    const { contentHash: _, ...book } = row;
    await tx.insert(positionHistory).values(book);
    await addToOutbox(tx, 'positions.changed', [{ protocol, account, sequence }]);
    return expected;
  }
  const stored = await tx
    .select({
      sequence: accounts.sequence,
      contentHash: accounts.contentHash,
      marketTime: accounts.marketTime,
    })
    .from(accounts)
    .where(and(eq(accounts.protocol, protocol), eq(accounts.account, account)));
  const present = stored[0]!;
  if (present.sequence !== sequence || present.contentHash !== content) {
    throw new SequenceConflictError(account, sequence, present.sequence);
  }
  return { ...expected, marketTimeMs: present.marketTime, changed: false };
}
