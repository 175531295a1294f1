/** A worker process of the bench: the sweep's task over a market that stands still. It tells its parent of each shard. */
import { openDatabase } from '../../db/connection.ts';
import { silentLogger } from '../../db/logger.ts';
import { portfolioOf } from '../../gateway/engine/accounts.ts';
import { createQueueBackend } from '../../jobs/queues/create.ts';
import { startWorkers, type Workers } from '../../jobs/runtime.ts';
import { bindTask } from '../../jobs/task.ts';
import { marginSweep, type SweepCounts } from '../../jobs/tasks/margin-sweep.ts';
import { benchMargin } from './market.ts';

export type FromWorker =
  | { readonly kind: 'ready' | 'resting' }
  | { readonly kind: 'shard'; readonly asOfMs: number; readonly accounts: number; readonly unknown: number }
  | { readonly kind: 'cpu'; readonly seconds: number };
export type ToWorker = 'work' | 'rest' | 'cpu' | 'end';

const tell = (message: FromWorker) => process.send?.(message);
const [databaseUrl, redisUrl] = process.argv.slice(2);
if (databaseUrl === undefined) throw new TypeError('usage: worker.ts DATABASE_URL [REDIS_URL]');
const database = openDatabase({ url: databaseUrl });
const backend = await createQueueBackend(redisUrl === undefined ? { databaseUrl } : { redisUrl });
const margin = benchMargin();
let unknown = 0;
const bound = bindTask(marginSweep, {
  database,
  compute: async (accounts, asOfMs) =>
    accounts.map((account) => {
      const { result } = margin.evaluate(account.protocol, portfolioOf(account));
      if (result.status === 'unknown') unknown += 1;
      const { protocol, sequence } = account;
      return { protocol, account: account.account, sequence, asOfMs, result };
    }),
});
const told = {
  task: bound.task,
  run: async (...args: Parameters<typeof bound.run>) => {
    unknown = 0;
    const counts = (await bound.run(...args)) as SweepCounts;
    const { asOfMs } = args[0] as { readonly asOfMs: number };
    tell({ kind: 'shard', asOfMs, accounts: counts.accounts, unknown });
    return counts;
  },
};
let workers: Workers | null = null;
process.on('message', async (ask: ToWorker) => {
  if (ask === 'work') {
    workers = await startWorkers({ backend, tasks: [told], logger: silentLogger });
    tell({ kind: 'ready' });
  } else if (ask === 'cpu') {
    const { user, system } = process.cpuUsage();
    tell({ kind: 'cpu', seconds: (user + system) / 1e6 });
  } else {
    await workers?.stop();
    workers = null;
    if (ask === 'rest') tell({ kind: 'resting' });
    else {
      await backend.close();
      await database.close();
      process.disconnect();
    }
  }
});
tell({ kind: 'resting' });
