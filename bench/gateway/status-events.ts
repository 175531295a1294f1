/** Time from a signed Hermes message to the margin event of the account that its price pushes below maintenance margin. */
import { type ChildProcess, fork } from 'node:child_process';
import { get } from 'node:http';
import { buildSlot } from '../../gateway/demo/hermes/accumulator.ts';
import { createDevelopmentSigner } from '../../gateway/demo/hermes/signer.ts';
import { priceIdOf } from '../oracles/data.ts';
import { BTC, ETH, SEED, STEP } from './status-books.ts';
import { KEY } from './targets.ts';

const ACCOUNTS = 100_000;
const EDGES = 200;
const MESSAGES = 200;
const INTERVAL_MS = 100;

const now = () => performance.timeOrigin + performance.now();
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const message = <T>(child: ChildProcess) =>
  new Promise<T>((resolve) => child.once('message', resolve as never));

/** The text of a message with the three feeds, signed by three of five. */
function hermesText(signer: ReturnType<typeof createDevelopmentSigner>, slot: number, btc: number): string {
  const publishTimeSeconds = Math.floor(Date.now() / 1000);
  const prices = [1, btc, ETH].map((value, feed) => {
    const price = BigInt(Math.round(value * 1e8));
    const conf = price / 5000n;
    const times = { publishTimeSeconds, prevPublishTimeSeconds: publishTimeSeconds };
    return { priceId: priceIdOf(feed), price, conf, expo: -8, emaPrice: price, emaConf: conf, ...times };
  });
  const data = [Buffer.from(buildSlot(signer, BigInt(slot), prices).encode([0, 1, 2])).toString('base64')];
  return JSON.stringify({ binary: { encoding: 'base64', data } });
}

export async function marginEvents(): Promise<string> {
  const args = [String(ACCOUNTS), String(EDGES)];
  const child = fork(`${import.meta.dirname}/status-server.ts`, args, { execArgv: ['--import', 'tsx'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    const { url } = await message<{ url: string }>(child);
    const signer = createDevelopmentSigner({ seed: SEED });
    child.send({ hermes: hermesText(signer, 1, BTC) });
    const loaded = message<{ watched: number; rssMb: number }>(child);
    child.send('load');
    const { watched, rssMb } = await loaded;

    let sentAt = 0;
    let sent = 0;
    let told = 0;
    const waits: { readonly of: number; readonly ms: number }[] = [];
    const request = get(`${url}/v1/stream?topics=margin`, { headers: { Authorization: `Bearer ${KEY}` } });
    request.on('error', () => undefined);
    await new Promise<void>((resolve) => {
      request.on('response', (response) => {
        response.on('error', () => undefined);
        response.setEncoding('utf8').on('data', (text: string) => {
          const at = now();
          for (const _ of text.matchAll(/"status":"liquidatable"/g)) {
            waits.push({ of: sent, ms: at - sentAt });
            told = sent;
          }
        });
        resolve();
      });
    });
    const cpuBefore = message<NodeJS.CpuUsage>(child);
    child.send('cpu');
    const before = await cpuBefore;
    for (let i = 1; i <= MESSAGES; i++) {
      const text = hermesText(signer, i + 1, BTC - STEP * i);
      sent = i;
      sentAt = now();
      child.send({ hermes: text });
      await sleep(INTERVAL_MS);
      // The event of a message is never counted for a later one.
      for (let turn = 0; turn < 10 && told < i; turn++) await sleep(20);
    }
    const cpuAfter = message<NodeJS.CpuUsage>(child);
    child.send('cpu');
    const after = await cpuAfter;
    request.destroy();
    const cpu = (after.user + after.system - before.user - before.system) / 1000 / MESSAGES;
    if (waits.length < EDGES * 0.5) throw new Error(`only ${waits.length} accounts were told`);
    const sorted = waits.map(({ ms }) => ms).sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(1);
    return (
      `${watched} accounts watched (${rssMb.toFixed(0)} MB), ${MESSAGES} Hermes messages, ${waits.length} accounts pushed below maintenance: ` +
      `message to margin event p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms (goal: p99 <= 50 ms), ` +
      `${cpu.toFixed(1)} CPU ms of the server per message`
    );
  } finally {
    if (child.connected) child.send('stop');
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5_000).unref())]);
    child.kill();
  }
}
