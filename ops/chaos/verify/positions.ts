import { isDeepStrictEqual } from 'node:util';
import { ask } from '../ask.ts';
import type { Scene } from '../scene.ts';

export const KEPT = 'positions lost';
export const ONCE = 'positions applied twice';

/** Every acknowledged book left its mark once, and every gateway answers with the last one. */
export async function verifyPositions({ cluster, ledger, checks }: Scene): Promise<void> {
  const rows = await cluster.postgres.query<{
    protocol: string;
    account: string;
    sequence: string;
    times: string;
  }>(
    `select payload->>'protocol' as protocol, payload->>'account' as account,
       coalesce(payload->'sequence'->>'$wad', payload->>'sequence') as sequence, count(*) as times
     from outbox where topic = 'positions.changed' group by 1, 2, 3`,
  );
  const applied = new Map(
    rows.map((row) => [`${row.protocol}/${row.account}/${row.sequence}`, Number(row.times)]),
  );
  for (const record of ledger.accounts.values()) {
    const { protocol, account, sent, acknowledged, latest } = record;
    const name = `${protocol}/${account}`;
    for (const sequence of acknowledged) {
      const times = applied.get(`${name}/${sequence}`) ?? 0;
      checks.note(KEPT, times > 0 ? null : `${name} at ${sequence} was acknowledged and never stored`);
      checks.note(ONCE, times <= 1 ? null : `${name} at ${sequence}: ${times} times`);
    }
    if (latest === 0) continue;
    const owner = cluster.protocols.find(({ id }) => id === protocol)!;
    for (const gateway of cluster.gateways) {
      const answer = await ask(gateway.url!, owner, `/v1/accounts/${account}/positions`);
      const stored = answer?.body;
      const book = sent.get(stored?.sequence);
      const same =
        book !== undefined &&
        stored.sequence >= latest &&
        stored.cash === book.cash &&
        isDeepStrictEqual(
          stored.positions
            .map(({ id, size, entryPrice }: Record<string, string>) => [id, size, entryPrice])
            .sort(),
          book.positions.map(({ id, size, entryPrice }) => [id, size, entryPrice]).sort(),
        );
      const what = `${gateway.name} ${name}: acknowledged ${latest}, answers ${JSON.stringify(stored)?.slice(0, 300)}`;
      checks.note(KEPT, same ? null : what);
    }
  }
}
