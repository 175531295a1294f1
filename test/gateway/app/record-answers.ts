/**
 * `node --import tsx test/gateway/app/record-answers.ts [operationId ...]`: asks a demo all examples and writes what it
 * answers to gateway/app/examples/answers, of every operation or of those that are named. Long lists are cut.
 */
import { writeFile } from 'node:fs/promises';
import { EXAMPLES } from '../../../gateway/app/examples/all.ts';
import { startExampleDemo } from './example-demo.ts';
import { ExamplePlayer, type Played } from './examples-player.ts';

const FOLDER = new URL('../../../gateway/app/examples/answers/', import.meta.url);
/** Longer lists are cut to the first of them; what adds up in an answer is shorter. */
const LONGEST = 12;
const KEPT = 2;
const LINES = 4;
/** Beside what the demo refuses: it has nothing of them to show, or too much. */
const BY_HAND: ReadonlySet<string> = new Set(['listConsents', 'getMetrics']);
/** Lists of things that are alike. */
const SHORT: ReadonlySet<string> = new Set([
  ...['prices', 'markets', 'entries', 'publications', 'proposals', 'modules', 'deliveries', 'checks'],
  ...['forecasts', 'issued', 'instruments', 'options', 'parameters', 'grid', 'historical', 'expiries'],
  ...['horizons', 'scenarios'],
]);

function cut(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) {
    const length = SHORT.has(name) || value.length > LONGEST ? KEPT : value.length;
    return value.slice(0, length).map((one) => cut(one));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const kept = name === 'properties' ? entries.slice(0, KEPT) : entries;
  return Object.fromEntries(kept.map(([key, one]) => [key, cut(one, key)]));
}

/** JSON cut by its lists, text by its lines. */
function shortened({ answer }: Played): unknown {
  if (answer.json !== null) return cut(answer.json);
  const lines = answer.text.split('\n');
  const kept = lines.slice(0, /^retry:/.test(answer.text) ? 2 * LINES : LINES).join('\n');
  return kept.length > 1500 ? `${kept.slice(0, 1500)}…` : kept;
}

const demo = await startExampleDemo();
try {
  const player = new ExamplePlayer(demo.url, (await demo.ask('/openapi.json')).body);
  const only = process.argv.slice(2);
  for (const id of Object.keys(EXAMPLES)) {
    const played = await player.play(id);
    const shown = played.find(({ answer }) => answer.status < 300);
    for (const { name, answer } of played) console.log(`${answer.status} ${id} ${name}`);
    if (only.length > 0 && !only.includes(id)) continue;
    const file = new URL(`${id}.json`, FOLDER);
    if (shown === undefined || BY_HAND.has(id)) continue;
    const type = (one: Played) => one.answer.headers.get('content-type')!.split(';')[0]!;
    const byType: Record<string, unknown> = { [type(shown)]: shortened(shown) };
    if (EXAMPLES[id]?.parameters?.format !== undefined) {
      const csv = await player.ask(id, { format: 'csv' });
      byType[type(csv)] = shortened(csv);
    }
    await writeFile(file, `${JSON.stringify({ [shown.answer.status]: byType }, null, 2)}\n`);
  }
} finally {
  const left = await demo.close();
  for (const one of left) console.error(one);
}
