import { afterEach, describe, expect, test } from 'vitest';
import { analyse } from '../../../gateway/engine/analysis.ts';
import { AnalysisThread } from '../../../gateway/engine/analysis-thread.ts';
import { asker } from '../support/contract.ts';
import { createWorld, jsonRequest, type World } from '../support/gateway.ts';

const threads: AnalysisThread[] = [];
afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.close()));
});
const newThread = () => {
  const thread = new AnalysisThread();
  threads.push(thread);
  return thread;
};

const QUESTIONS = ['capacity', 'liquidation-price', 'liquidation-plan', 'stress'] as const;

/** `count` longs and shorts of BTC and ETH, and `cash`. */
async function withPerps(world: World, count: number, cash: string): Promise<void> {
  const positions = Array.from({ length: count }, (_, i) => ({
    kind: 'perp',
    id: `p${i}`,
    market: i % 2 === 0 ? 'BTC-PERP' : 'ETH-PERP',
    size: i % 3 === 0 ? '-0.1' : '0.2',
    entryPrice: i % 2 === 0 ? '60000' : '3000',
  }));
  const body = jsonRequest('PUT', { sequence: 1, cash, positions });
  expect((await asker(world)('/v1/accounts/alice/positions', body)).status).toBe(200);
}

describe('analyses in a thread', () => {
  test('answer what they answer without one', async () => {
    const here = createWorld();
    const there = createWorld({ runAnalysis: newThread().run });
    for (const world of [here, there]) await withPerps(world, 20, '9000');
    for (const question of QUESTIONS) {
      const path = `/v1/accounts/alice/${question}`;
      const [one, other] = [await asker(here)(path), await asker(there)(path)];
      expect([one.status, other.status], question).toEqual([200, 200]);
      expect(other.json, question).toEqual(one.json);
    }
  });

  test('do not hold up other requests', async () => {
    const world = createWorld({ runAnalysis: newThread().run });
    await withPerps(world, 100, '1000');
    const ask = asker(world);
    const done: string[] = [];
    const plan = ask('/v1/accounts/alice/liquidation-plan').then(({ status }) => done.push(`plan ${status}`));
    await ask('/v1/prices').then(({ status }) => done.push(`prices ${status}`));
    await plan;
    expect(done).toEqual(['prices 200', 'plan 200']);
  });

  test('refuse what would take too long, and go on', async () => {
    const world = createWorld({ runAnalysis: newThread().run });
    await withPerps(world, 8000, '90000000');
    const ask = asker(world);
    expect((await ask('/v1/accounts/alice/capacity')).json).toMatchObject({
      status: 422,
      type: '/errors/analysis-too-large',
      details: { limit: 1_000_000 },
    });
    expect((await ask('/v1/accounts/alice/liquidation-price')).status).toBe(200);
  });

  test('take no more than may wait, and nothing when closed', async () => {
    const thread = newThread();
    const world = createWorld({ runAnalysis: thread.run });
    await withPerps(world, 20, '9000');
    const ask = asker(world);
    const all = await Promise.all(Array.from({ length: 12 }, () => ask('/v1/accounts/alice/stress')));
    expect(all.map(({ status }) => status).sort()).toEqual([
      ...Array.from({ length: 8 }, () => 200),
      ...Array.from({ length: 4 }, () => 503),
    ]);
    const refused = all.find(({ status }) => status === 503)!;
    expect(refused.json).toMatchObject({ type: '/errors/analysis-busy' });
    expect(refused.headers.get('retry-after')).toBe('1');
    const left = ask('/v1/accounts/alice/stress');
    await thread.close();
    expect((await left).status).toBe(503);
    expect((await ask('/v1/accounts/alice/stress')).status).toBe(503);
  });

  test('a failure inside is a 500 that says nothing, and the next one is answered', async () => {
    const thread = newThread();
    let broken = true;
    const world = createWorld({
      runAnalysis: (protocol, task) =>
        thread.run(protocol, broken ? { ...task, moduleVersion: '0.0.0' } : task),
    });
    await withPerps(world, 3, '9000');
    const ask = asker(world);
    expect((await ask('/v1/accounts/alice/stress')).json).toMatchObject({ status: 500, errors: [] });
    broken = false;
    expect((await ask('/v1/accounts/alice/stress')).status).toBe(200);
  });
});

test('a thread that dies refuses what it had, and a new one takes the next', async () => {
  // Dies of tasks 1 and 2; in place of the real one, which nothing is known to kill.
  const mortal = `import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ id }) => id <= 2 ? process.exit(3) : parentPort.postMessage({ id, result: id }));`;
  const thread = new AnalysisThread(new URL(`data:text/javascript,${encodeURIComponent(mortal)}`));
  threads.push(thread);
  const task = {} as Parameters<typeof thread.run<'stress'>>[1];
  const first = await Promise.allSettled([thread.run('a', task), thread.run('b', task)]);
  expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(first[0]).toMatchObject({ reason: { type: 'analysis-busy' } });
  expect(await thread.run('a', task)).toBe(3);
});

test('the module without the history that it needs leaves no capacity and no plan', async () => {
  const world = createWorld({ module: { id: 'tail', version: '1.0.0' } });
  await withPerps(world, 2, '100000');
  const ask = asker(world);
  expect((await ask('/v1/accounts/alice/capacity')).json).toMatchObject({
    current: { status: 'unknown' },
    freeCollateral: '0',
    withdrawals: { cash: '0' },
  });
  expect((await ask('/v1/accounts/alice/liquidation-plan')).json).toMatchObject({ plan: null });
  expect((await ask('/v1/accounts/alice/liquidation-price')).json).toMatchObject({ assets: null });
  expect((await ask('/v1/accounts/alice/stress')).json).toMatchObject({ reverse: null });
});

test('the limit counts every valuation of a search', async () => {
  const limits: number[] = [];
  const world = createWorld({
    runAnalysis: async (_protocol, task) => {
      for (const limit of [20, 100_000]) {
        try {
          analyse(task, limit);
          limits.push(limit);
        } catch {
          // Refused at this limit.
        }
      }
      return analyse(task);
    },
  });
  await withPerps(world, 10, '9000');
  expect((await asker(world)('/v1/accounts/alice/capacity')).status).toBe(200);
  expect(limits).toEqual([100_000]);
});
