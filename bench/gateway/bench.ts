/**
 * The HTTP application with authentication, quotas, validation, metrics and freshness beside a bare Hono handler that
 * gives the same bytes (and parses the same body), in one process, loaded in turns; and events to 1,000 streams.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { get } from 'node:http';
import autocannon from 'autocannon';
import { machine, median, printTable } from '../timing.ts';
import { marginEvents } from './status-events.ts';
import { KEY, TARGETS } from './targets.ts';

const ROUNDS = 5;
const ROUND_SECONDS = 2;
const CONNECTIONS = 10;
const STREAMS = 1000;
const EVENTS = 20;

type Target = (typeof TARGETS)[number];
interface Urls {
  readonly gateway: string;
  readonly bare: string;
}
interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** CPU microseconds of the server per request: other programs on the machine count less than in wall time. */
  readonly cpu: number;
}

const message = <T>(child: ChildProcess) =>
  new Promise<T>((resolve) => child.once('message', resolve as never));

async function cpuOf(child: ChildProcess): Promise<number> {
  const told = message<NodeJS.CpuUsage>(child);
  child.send('cpu');
  const { user, system } = await told;
  return user + system;
}

async function load(child: ChildProcess, base: string, target: Target, seconds: number): Promise<Load> {
  const before = await cpuOf(child);
  const result = await autocannon({
    url: base + target.path,
    method: target.method,
    connections: CONNECTIONS,
    duration: seconds,
    headers: { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' },
    ...(target.body === null ? {} : { body: JSON.stringify(target.body) }),
  });
  const used = (await cpuOf(child)) - before;
  const bad = result.non2xx + result.errors + result.timeouts;
  if (bad > 0 || result['2xx'] === 0) throw new Error(`${target.name}: ${bad} answers were not 2xx`);
  const { requests, latency } = result;
  return { perSecond: requests.average, p50: latency.p50, p99: latency.p99, cpu: used / result['2xx'] };
}

async function compare(child: ChildProcess, urls: Urls, target: Target): Promise<string[][]> {
  const rounds: { gateway: Load; bare: Load }[] = [];
  for (const base of [urls.gateway, urls.bare]) await load(child, base, target, 1);
  for (let i = 0; i < ROUNDS; i++) {
    const gateway = await load(child, urls.gateway, target, ROUND_SECONDS);
    rounds.push({ gateway, bare: await load(child, urls.bare, target, ROUND_SECONDS) });
  }
  const row = (name: string, which: 'gateway' | 'bare') => {
    const of = (key: keyof Load) => median(rounds.map((round) => round[which][key]));
    return [
      name,
      of('perSecond').toFixed(0),
      of('p50').toFixed(1),
      of('p99').toFixed(1),
      of('cpu').toFixed(1),
    ];
  };
  const share = (key: 'perSecond' | 'cpu') =>
    median(
      rounds.map(({ gateway, bare }) =>
        key === 'cpu' ? bare.cpu / gateway.cpu : gateway.perSecond / bare.perSecond,
      ),
    );
  const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
  return [
    [
      ...row(target.name, 'gateway'),
      percent(share('perSecond')),
      percent(share('cpu')),
      percent(target.goal),
    ],
    [...row('  bare handler', 'bare'), '', '', ''],
  ];
}

/** Milliseconds from publishing an event until each of the streams has it. */
async function fanOut(child: ChildProcess, url: string): Promise<string> {
  const waits: number[] = [];
  const open = () =>
    new Promise<() => void>((resolve, reject) => {
      const request = get(`${url}/v1/stream`, { headers: { Authorization: `Bearer ${KEY}` }, agent: false });
      request.on('error', reject);
      request.on('response', (response) => {
        if (response.statusCode !== 200) reject(new Error(`a stream is answered ${response.statusCode}`));
        response.on('error', () => undefined);
        response.setEncoding('utf8').on('data', (text: string) => {
          for (const [, sentAt] of text.matchAll(/"sentAtMs":(\d+)/g))
            waits.push(Date.now() - Number(sentAt));
        });
        resolve(() => request.destroy());
        request.on('error', () => undefined);
      });
    });
  const closers: (() => void)[] = [];
  for (let i = 0; i < STREAMS; i += 50)
    closers.push(...(await Promise.all(Array.from({ length: 50 }, open))));
  const before = await cpuOf(child);
  for (let i = 0; i < EVENTS; i++) {
    child.send('event');
    const deadline = Date.now() + 10_000;
    while (waits.length < (i + 1) * STREAMS && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  const used = ((await cpuOf(child)) - before) / 1000 / EVENTS;
  for (const close of closers) close();
  if (waits.length !== EVENTS * STREAMS)
    throw new Error(`${waits.length} of ${EVENTS * STREAMS} events came`);
  const sorted = waits.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
  return `${STREAMS} streams, ${EVENTS} events each: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${used.toFixed(1)} CPU ms of the server per event`;
}

export async function run(): Promise<void> {
  console.log(
    `${machine()}; ${CONNECTIONS} connections, ${ROUNDS} rounds of ${ROUND_SECONDS} s by autocannon, medians`,
  );
  const child = fork(`${import.meta.dirname}/server.ts`, { execArgv: ['--import', 'tsx'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    const urls = await message<Urls>(child);
    const rows = [['', 'req/s', 'p50 ms', 'p99 ms', 'CPU us', 'of bare', 'of bare, CPU', 'goal']];
    for (const target of TARGETS) rows.push(...(await compare(child, urls, target)));
    printTable(rows);
    console.log(await fanOut(child, urls.gateway));
  } finally {
    child.send('stop');
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5_000).unref())]);
    child.kill();
  }
  console.log(await marginEvents());
}
