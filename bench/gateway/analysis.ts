/**
 * How long the analyses of a book of 100 positions take over the HTTP application, and the longest time for which the
 * main thread did nothing else meanwhile: `node --import tsx bench/gateway/analysis.ts`.
 */
import { AnalysisThread } from '../../gateway/engine/analysis-thread.ts';
import { createWorld, jsonRequest, type World } from '../../test/gateway/support/gateway.ts';
import { positionsOf } from './targets.ts';

const MODULES = ['fixed@1.0.0', 'standard@1.0.0', 'scenario@1.0.0', 'scenario@2.0.0'];
const RESOURCES = [
  'margin',
  'capacity',
  'capacity?market=BTC-PERP&side=buy',
  'liquidation-price',
  'liquidation-plan',
  'stress',
];
/** Cash of an account that is covered, and of one that must be closed. */
const ACCOUNTS = [
  ['covered', '200000'],
  ['short', '1000'],
] as const;

const positions = positionsOf(100, '0.1');

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function measure(world: World, path: string): Promise<string> {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  await sleep(20);
  longest = 0;
  const start = performance.now();
  const response = await world.app.request(path);
  await response.text();
  const took = performance.now() - start;
  await sleep(5);
  clearInterval(timer);
  if (response.status !== 200) throw new Error(`${path} is ${response.status}`);
  return `${took.toFixed(0).padStart(6)} ${longest.toFixed(0).padStart(6)}`;
}

console.log('module account resource: answer ms, longest stop of the main thread ms');
for (const name of MODULES) {
  const [id, version] = name.split('@') as [string, string];
  const thread = new AnalysisThread();
  const world = createWorld({ runAnalysis: thread.run, module: { id, version } });
  for (const [account, cash] of ACCOUNTS) {
    const book = jsonRequest('PUT', { sequence: 1, cash, positions });
    await world.app.request(`/v1/accounts/${account}/positions`, book);
    // The first of a thread pays for its start.
    await world.app.request(`/v1/accounts/${account}/stress`);
  }
  for (const resource of RESOURCES) {
    for (const [account] of ACCOUNTS) {
      const figures = await measure(world, `/v1/accounts/${account}/${resource}`);
      console.log(`${name.padEnd(14)} ${account.padEnd(7)} ${resource.padEnd(34)} ${figures}`);
    }
  }
  await thread.close();
}
