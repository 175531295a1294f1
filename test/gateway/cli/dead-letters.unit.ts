import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listAudit } from '../../../db/queries/audit.ts';
import { execute } from '../../../gateway/cli/command.ts';
import { DEPLOYMENT_CHAIN, deadLettersCommand } from '../../../gateway/cli/commands/dead-letters.ts';
import { queueDepths } from '../../../jobs/dead-letters.ts';
import { enqueue } from '../../../jobs/enqueue.ts';
import type { QueueBackend } from '../../../jobs/queues/backend.ts';
import { startWorkers } from '../../../jobs/runtime.ts';
import { webhookDeliver } from '../../../jobs/tasks/webhook-deliver.ts';
import { startTestQueues, type TestQueues } from '../../helpers/queues.ts';
import { until } from '../../helpers/until.ts';
import { useDatabase } from '../../helpers/use.ts';

const database = await useDatabase();
let backend: QueueBackend;
let queues: TestQueues;
beforeAll(async () => {
  queues = await startTestQueues();
  backend = await queues.open(database.url);
});
afterAll(async () => {
  await backend.close();
  await queues.stop();
});

async function run(...args: string[]) {
  let output = '';
  const write = (line: string) => {
    output += `${line}\n`;
  };
  const environment = { DATABASE_URL: database.url, ...queues.environment };
  const code = await execute(deadLettersCommand, { args, environment, print: write, complain: write });
  return { code, output };
}

/** Jobs that failed for good, by a real worker. */
async function fail(count: number): Promise<readonly string[]> {
  const workers = await startWorkers({
    backend,
    tasks: [
      {
        task: webhookDeliver as never,
        run: async () => {
          throw new TypeError('cannot reach https://user:secret@receiver.test/hook');
        },
      },
    ],
  });
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1)
    ids.push(await enqueue(backend, webhookDeliver, { delivery: `msg_${n}`, round: 0 }));
  await until('the jobs to fail', async () => {
    const [depth] = await queueDepths(backend, [webhookDeliver as never]);
    return depth?.failed === count ? true : null;
  });
  await workers.stop();
  return ids;
}

describe('npm run dead-letters', () => {
  test('lists, shows, replays and discards; both acts are in the audit log', async () => {
    const [first, second, third] = await fail(3);
    const listed = await run('list', '--task', 'webhook-deliver', '--type', 'unexpected-error');
    expect(listed.code, listed.output).toBe(0);
    expect(listed.output).toMatch(new RegExp(`webhook-deliver +${first} +unexpected-error +1 `));
    expect(listed.output).toContain('cannot reach <address>');
    expect(listed.output).not.toContain('secret');
    expect(JSON.parse((await run('list', '--limit', '2', '--json')).output)).toHaveLength(2);
    expect((await run('list', '--type', 'other', '--json')).output).toBe('[]\n');
    expect(JSON.parse((await run('show', 'webhook-deliver', second!)).output)).toMatchObject({
      task: 'webhook-deliver',
      jobId: second,
      payload: { delivery: 'msg_1', round: 0 },
      type: 'unexpected-error',
      attempts: 1,
    });

    const replayed = await run('replay', 'webhook-deliver', first!);
    expect(replayed).toEqual({ code: 0, output: `${first} of webhook-deliver is in the queue again\n` });
    const discarded = await run('discard', 'webhook-deliver', '--all', '--reason', 'receiver is gone');
    expect(discarded.code, discarded.output).toBe(0);
    expect(await queueDepths(backend, [webhookDeliver as never])).toEqual([
      { task: 'webhook-deliver', waiting: 1, active: 0, delayed: 0, failed: 0 },
    ]);
    const entries = await listAudit(database.orm, DEPLOYMENT_CHAIN, { after: 0, limit: 10 });
    expect(entries.map(({ actor, action, subject, details }) => [actor, action, subject, details])).toEqual([
      ['cli', 'dead-letter.replay', first, { task: 'webhook-deliver', reason: null }],
      ...[third, second].map((id) => [
        'cli',
        'dead-letter.discard',
        id,
        { task: 'webhook-deliver', reason: 'receiver is gone' },
      ]),
    ]);
  });

  test('what is not there is refused and leaves no entry', async () => {
    const before = await listAudit(database.orm, DEPLOYMENT_CHAIN, { after: 0, limit: 10 });
    const gone = await run('replay', 'webhook-deliver', 'never-there');
    expect(gone).toEqual({ code: 1, output: 'no failed job never-there of webhook-deliver\n' });
    expect((await run('show', 'webhook-deliver', 'never-there')).code).toBe(1);
    expect(await listAudit(database.orm, DEPLOYMENT_CHAIN, { after: 0, limit: 10 })).toEqual(before);
  });

  test.each([
    [[], /usage: npm run dead-letters/],
    [['replay'], /TASK: is required/],
    [['replay', 'nightly', 'x'], /TASK: must be one of factor-returns, /],
    [['replay', 'webhook-deliver'], /JOB_ID: give one or more, or --all/],
    [['discard', 'webhook-deliver', 'x'], /--reason: is required/],
    [['list', '--limit', '0'], /--limit: must be an integer from 1 to 10000/],
  ])('says what is wrong with %j', async (args, message) => {
    const { code, output } = await run(...args);
    expect(code).toBe(2);
    expect(output).toMatch(message);
  });
});
