import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../db/connection.ts';
import { outbox } from '../../../db/schema/outbox.ts';
import { observeFeedsAndRegimes } from '../../../gateway/webhooks/observe.ts';
import { type Observation, STEADY_TIMES, watchEvents } from '../../../jobs/tasks/watch-events.ts';
import { forecastOf, NOW_MS, refusedPrice, robustPrice } from '../../gateway/support/market.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { context } from '../../helpers/task-context.ts';

let postgres: TestPostgres;
let database: Database;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
beforeEach(async () => {
  database = await postgres.openMigrated();
});
afterAll(() => postgres.stop());

const state = (subject: string, is: string, topic: string | null = null): Observation => ({
  kind: 'oracle',
  subject,
  state: is,
  atMs: NOW_MS,
  effect: topic === null ? null : { topic, payload: { subject } },
});

/** A process that watches. */
function watcher() {
  const seen = new Map();
  return async (observed: readonly Observation[], times = STEADY_TIMES) => {
    for (let i = 0; i < times; i += 1) {
      await watchEvents.run({}, { database, seen, observe: () => observed }, context);
    }
  };
}
const topics = async () => (await database.orm.select().from(outbox)).map(({ topic }) => topic);

describe('watch-events', () => {
  it('tells a lasting change once, and nothing of the first state', async () => {
    const see = watcher();
    const halted = [state('BTC-USD', 'halted', 'oracle.halted')];
    await see(halted);
    expect(await topics()).toEqual([]);
    await see([state('BTC-USD', 'running')]);
    await see(halted, STEADY_TIMES - 1);
    expect(await topics()).toEqual([]);
    await see(halted, 20);
    expect(await topics()).toEqual(['oracle.halted']);
    await see([state('BTC-USD', 'running')]);
    await see(halted);
    expect(await topics()).toEqual(['oracle.halted', 'oracle.halted']);
  });

  it('does not take the first seconds of a process without prices for a halt', async () => {
    await watcher()([state('BTC-USD', 'running')]);
    const restarted = watcher();
    await restarted([state('BTC-USD', 'halted', 'oracle.halted')], STEADY_TIMES - 1);
    await restarted([state('BTC-USD', 'running')]);
    expect(await topics()).toEqual([]);
  });

  it('tells once however many processes watch, and another one sees what it missed', async () => {
    const [one, two] = [watcher(), watcher()];
    const halted = [state('BTC-USD', 'halted', 'oracle.halted')];
    await one([state('BTC-USD', 'running')]);
    await two(halted);
    await one(halted);
    expect(await topics()).toEqual(['oracle.halted']);
    // The first one goes on seeing a halt that ended and began again while it looked away.
    await two([state('BTC-USD', 'running')]);
    await one(halted, 1);
    expect(await topics()).toEqual(['oracle.halted', 'oracle.halted']);
  });
});

describe('observeFeedsAndRegimes', () => {
  const seenWith = (onset: readonly (number | null)[]) =>
    observeFeedsAndRegimes(
      {
        prices: {
          ids: () => ['BTC-USD', 'ETH-USD'],
          get: (id) => (id === 'BTC-USD' ? robustPrice(id, '60000') : refusedPrice(id, '3000')),
        },
        forecasts: {
          assets: () => ['BTC'],
          get: () =>
            onset.map((onsetProbability, index) => ({
              ...forecastOf('BTC', ([1, 4, 24] as const)[index]!),
              onsetProbability,
            })),
        },
      },
      NOW_MS,
    );

  it('sees halted feeds with their reasons', () => {
    expect(seenWith([])).toEqual([
      { kind: 'oracle', subject: 'BTC-USD', state: 'running', atMs: NOW_MS, effect: null },
      {
        kind: 'oracle',
        subject: 'ETH-USD',
        state: 'halted',
        atMs: NOW_MS,
        effect: {
          topic: 'oracle.halted',
          payload: { atMs: NOW_MS, feed: 'ETH-USD', reasons: ['quorum-not-met'] },
        },
      },
    ]);
  });

  it.each([
    [[0.1, 0.5, 0.2], 'onset'],
    [[0.1, 0.2, 0.3], 'calm'],
    [[0.1, 0.49, 0.2], undefined],
    [[null, null, null], undefined],
    [[], undefined],
  ] as const)('onset probabilities %j are %s', (onset, expected) => {
    expect(seenWith(onset).find(({ kind }) => kind === 'regime')?.state).toBe(expected);
  });
});
