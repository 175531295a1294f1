import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getAccount } from '../../../db/queries/accounts.ts';
import { putPositions } from '../../../db/queries/put-positions.ts';
import { outbox } from '../../../db/schema/outbox.ts';
import { useDatabase } from '../../helpers/use.ts';

const database = await useDatabase();

const write = fc.record({
  sequence: fc.bigInt({ min: 1n, max: 6n }),
  cash: fc.bigInt({ min: 0n, max: 2n }),
  key: fc.option(fc.constantFrom('k1', 'k2', 'k3'), { nil: undefined }),
});
let runs = 0;

describe('concurrent writes to one account', () => {
  it('leave the highest acknowledged sequence with the content it was acknowledged with', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 12 }), async (writes) => {
        runs += 1;
        const protocol = `run-${runs}`;
        const outcomes = await Promise.all(
          writes.map(async ({ sequence, cash, key }) => {
            const put = {
              protocol,
              account: 'one',
              sequence,
              cashWad: cash,
              positions: [],
              marketTimeMs: 1_700_000_000_000,
              ...(key === undefined ? {} : { idempotencyKey: key }),
            };
            return putPositions(database, put).then(
              ({ ack, replayed }) => ({ sequence, cash, ack, replayed, refused: null }),
              (error) => ({ sequence, cash, ack: null, replayed: false, refused: error.type as string }),
            );
          }),
        );
        for (const { refused } of outcomes) {
          expect([null, 'sequence-conflict', 'idempotency-key-conflict']).toContain(refused);
        }
        const acknowledged = outcomes.filter((outcome) => outcome.ack !== null);
        expect(acknowledged.length).toBeGreaterThan(0);
        const highest = acknowledged.reduce((max, { sequence }) => (sequence > max ? sequence : max), 0n);
        const winners = acknowledged.filter(({ sequence }) => sequence === highest);
        // All that were acknowledged at one sequence said the same.
        expect(new Set(winners.map(({ cash }) => cash)).size).toBe(1);
        const stored = await getAccount(database.orm, protocol, 'one');
        expect([stored?.sequence, stored?.cashWad]).toEqual([highest, winners[0]!.cash]);

        // One effect per change, in rising order of sequence.
        const effects = (await database.orm.select().from(outbox).orderBy(outbox.id))
          .map(({ payload }) => payload as { protocol: string; sequence: bigint })
          .filter((payload) => payload.protocol === protocol)
          .map((payload) => payload.sequence);
        const changes = acknowledged.filter(({ ack, replayed }) => ack?.changed && !replayed);
        expect(effects.toSorted()).toEqual(changes.map(({ sequence }) => sequence).toSorted());
        expect(new Set(effects).size).toBe(effects.length);
      }),
      { numRuns: 60 },
    );
  });
});
