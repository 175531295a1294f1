import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../db/connection.ts';
import { AUDIT_GENESIS, appendAudit, listAudit } from '../../../db/queries/audit.ts';
import { auditTail } from '../../../db/queries/audit-tail.ts';
import { verifyAudit } from '../../../db/queries/verify-audit.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const append = (database: Database, protocol: string, n: number) =>
  database.transaction((tx) =>
    appendAudit(
      tx,
      { protocol, actor: 'test', action: 'act', subject: `s${n}`, details: { n, big: 7n } },
      1000 + n,
    ),
  );

/** Two chains: alpha with five entries, beta with two. */
async function filled(): Promise<Database> {
  const database = await postgres.openMigrated();
  for (let n = 1; n <= 5; n += 1) await append(database, 'alpha', n);
  for (let n = 1; n <= 2; n += 1) await append(database, 'beta', n);
  return database;
}

/** Does what the trigger refuses. */
async function tamper(database: Database, statement: string): Promise<void> {
  await database.pool.query(`alter table audit_log disable trigger user; ${statement};
    alter table audit_log enable trigger user`);
}

describe('audit log', () => {
  it('links each entry to the one before it, per protocol and without gaps', async () => {
    const database = await filled();
    const entries = await listAudit(database.orm, 'alpha', { after: 0, limit: 10 });
    expect(entries.map(({ sequence, subject, atMs }) => [sequence, subject, atMs])).toEqual(
      [1, 2, 3, 4, 5].map((n) => [n, `s${n}`, 1000 + n]),
    );
    expect(entries.map(({ previousHash }) => previousHash)).toEqual([
      AUDIT_GENESIS,
      ...entries.slice(0, 4).map(({ hash }) => hash),
    ]);
    expect(await listAudit(database.orm, 'alpha', { after: 4, limit: 10 })).toHaveLength(1);
    const report = await verifyAudit(database);
    expect(report).toMatchObject({ entries: 7, faults: [] });
    expect(report.chains.map(({ protocol, sequence }) => [protocol, sequence])).toEqual([
      ['alpha', 5],
      ['beta', 2],
    ]);
  });

  it('keeps its order however many append at once', async () => {
    const database = await postgres.openMigrated();
    await Promise.all(Array.from({ length: 30 }, (_, n) => append(database, n % 2 === 0 ? 'a' : 'b', n)));
    expect(await verifyAudit(database)).toMatchObject({ entries: 30, faults: [] });
  });

  it('recomputes the last entries, up to where the chain ends', async () => {
    const database = await filled();
    const tail = await auditTail(database, 'alpha', { before: null, limit: 3 });
    expect(tail.entries.map(({ sequence }) => sequence)).toEqual([5, 4, 3]);
    expect(tail).toMatchObject({ head: { sequence: 5, hash: tail.entries[0]!.hash }, faults: [] });
    const older = await auditTail(database, 'alpha', { before: 3, limit: 3 });
    expect([older.entries.map(({ sequence }) => sequence), older.faults]).toEqual([[2, 1], []]);
    expect(await auditTail(database, 'nobody', { before: null, limit: 3 })).toEqual({
      ...{ entries: [], head: null, faults: [] },
    });

    const what = async () =>
      (await auditTail(database, 'alpha', { before: null, limit: 3 })).faults.map((fault) => [
        fault.sequence,
        fault.what,
      ]);
    await tamper(database, "update audit_log set actor = 'other' where protocol = 'alpha' and sequence = 4");
    expect(await what()).toEqual([[4, 'changed']]);
    await tamper(database, "delete from audit_log where protocol = 'alpha' and sequence = 4");
    expect(await what()).toEqual([[4, 'missing']]);
    await tamper(database, "delete from audit_log where protocol = 'alpha' and sequence = 5");
    expect(await what()).toEqual([[3, 'head-differs']]);
    await tamper(database, "delete from audit_log where protocol = 'alpha'");
    expect(await what()).toEqual([[0, 'head-differs']]);
  });

  it('has no entry of an act that did not happen', async () => {
    const database = await filled();
    const failed = database.transaction(async (tx) => {
      await appendAudit(tx, { protocol: 'alpha', actor: 'x', action: 'x', subject: 'x', details: {} });
      throw new Error('the act failed');
    });
    await expect(failed).rejects.toThrow('the act failed');
    expect((await listAudit(database.orm, 'alpha', { after: 0, limit: 10 })).length).toBe(5);
  });

  it.each(["update audit_log set actor = 'other'", 'delete from audit_log', 'truncate audit_log'])(
    'refuses: %s',
    async (statement) => {
      const database = await filled();
      await expect(database.pool.query(statement)).rejects.toThrow('audit_log is append-only');
      expect((await verifyAudit(database)).faults).toEqual([]);
    },
  );

  it.each([
    [
      'a changed actor',
      `update audit_log set actor = 'other' where protocol = 'alpha' and sequence = 3`,
      3,
      'changed',
    ],
    [
      'changed details',
      `update audit_log set details = '{"n": 4}' where protocol = 'alpha' and sequence = 3`,
      3,
      'changed',
    ],
    [
      'a time moved by a millisecond',
      `update audit_log set at = at + interval '1 ms' where protocol = 'alpha' and sequence = 2`,
      2,
      'changed',
    ],
    ['a removed entry', `delete from audit_log where protocol = 'alpha' and sequence = 2`, 2, 'missing'],
    ['the first entry gone', `delete from audit_log where protocol = 'alpha' and sequence = 1`, 1, 'missing'],
    [
      'the last entry gone',
      `delete from audit_log where protocol = 'alpha' and sequence = 5`,
      5,
      'head-differs',
    ],
    [
      'two entries exchanged',
      `update audit_log set sequence = 100 where protocol = 'alpha' and sequence = 2;
       update audit_log set sequence = 2 where protocol = 'alpha' and sequence = 3;
       update audit_log set sequence = 3 where protocol = 'alpha' and sequence = 100`,
      2,
      'not-linked',
    ],
    [
      'an entry of another chain',
      `delete from audit_log where protocol = 'alpha' and sequence = 2;
       update audit_log set protocol = 'alpha' where protocol = 'beta' and sequence = 2`,
      2,
      'not-linked',
    ],
  ] as const)('verification finds %s', async (_, statement, sequence, what) => {
    const database = await filled();
    await tamper(database, statement);
    const { faults } = await verifyAudit(database);
    expect(faults).toContainEqual(expect.objectContaining({ protocol: 'alpha', sequence, what }));
  });

  it('finds a chain without its head, and with a kept head one that was rewritten whole', async () => {
    const database = await filled();
    const kept = (await verifyAudit(database)).chains;
    await database.pool.query(`delete from audit_heads where protocol = 'beta'`);
    expect((await verifyAudit(database)).faults).toMatchObject([{ protocol: 'beta', what: 'head-missing' }]);
    // Everything of beta forged anew, hashes and head included.
    await tamper(database, `delete from audit_log where protocol = 'beta'`);
    await append(database, 'beta', 8);
    await append(database, 'beta', 9);
    expect((await verifyAudit(database)).faults).toEqual([]);
    expect((await verifyAudit(database, kept)).faults).toMatchObject([
      { protocol: 'beta', sequence: 2, what: 'rewritten' },
    ]);
  });
});
