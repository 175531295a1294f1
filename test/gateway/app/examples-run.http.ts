import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXAMPLES } from '../../../gateway/app/examples/all.ts';
import type { TestDemo } from '../../helpers/demo.ts';
import { until } from '../../helpers/until.ts';
import { pick } from '../support/contract.ts';
import { startExampleDemo } from './example-demo.ts';
import { ExamplePlayer, operationsOf } from './examples-player.ts';

const PATIENCE_MS = 120_000;

describe('the examples of the OpenAPI document, sent to the demo', () => {
  let demo: TestDemo;
  let player: ExamplePlayer;
  let documented: string[];
  beforeAll(async () => {
    demo = await startExampleDemo();
    const { body } = await demo.ask('/openapi.json');
    player = new ExamplePlayer(demo.url, body);
    documented = operationsOf(body).map(({ id }) => id);
  }, 900_000);
  afterAll(async () => {
    expect((await demo?.close()) ?? []).toEqual([]);
  });

  test('are all answered as they say: a 2xx, or the problem that is named', async () => {
    const wrong: string[] = [];
    const reached = new Set<string>();
    for (const id of Object.keys(EXAMPLES)) {
      for (const { name, method, path, answer, refused } of await player.play(id)) {
        const type = answer.status < 400 ? null : String(pick(answer.json, 'type')).replace('/errors/', '');
        if (answer.status < 300) reached.add(id);
        if (type !== refused) {
          wrong.push(`${id} (${name}): ${method} ${path} -> ${answer.status} ${answer.text.slice(0, 300)}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    const never = Object.entries(EXAMPLES).filter(([id, { refused }]) => !reached.has(id) && !refused);
    expect(never.map(([id]) => id)).toEqual([]);
    expect(documented.filter((id) => !(id in EXAMPLES))).toEqual([]);
  }, 900_000);

  test('carry signatures that the hub of the demo takes', async () => {
    const states = await until(
      'the decisions to be scheduled',
      async () => {
        const { answer } = await player.ask('listPublications', { limit: 1000 });
        const all = pick(answer.json, 'publications') as { kind: string; state: string; reason: string }[];
        const signed = all.filter(({ kind }) => kind !== 'value');
        return signed.every(({ state }) => state !== 'pending' && state !== 'sending') ? signed : null;
      },
      PATIENCE_MS,
    );
    expect(states.length).toBeGreaterThanOrEqual(2);
    expect(states.filter(({ state }) => state === 'refused')).toEqual([]);
  }, 200_000);
});
