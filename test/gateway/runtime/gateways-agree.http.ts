import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../db/connection.ts';
import { unsettled } from '../../../db/queries/settled.ts';
import { riskConfigurations } from '../../../db/schema/governance.ts';
import { LOCAL_PROTOCOL } from '../../../gateway/auth/keys.ts';
import type { MarginDto } from '../../../gateway/schemas/margin.ts';
import { type LiveNetwork, startLiveNetwork } from '../../helpers/live-network.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { type Program, runEntry } from '../../helpers/program.ts';
import { startTestQueues, type TestQueues } from '../../helpers/queues.ts';
import { until } from '../../helpers/until.ts';

const ACCOUNTS = ['long', 'short', 'hedged', 'collateral', 'empty'];
const MOMENTS = 22;
/** Four programs start at once, on whatever machine this is. */
const PATIENCE_MS = 180_000;
/** Between two requests of those that ask all the time: they must not take the processors from the programs. */
const PAUSE_MS = 50;

const perp = (market: string, size: string, entryPrice: string) => ({
  id: market,
  kind: 'perp',
  market,
  size,
  entryPrice,
  chain: 'hub',
});
/** A book that differs from one sequence to the next. */
function book(account: string, sequence: number) {
  const positions: Readonly<Record<string, readonly object[]>> = {
    long: [perp('ETH-PERP', String(1 + (sequence % 5)), '2900')],
    short: [perp('BTC-PERP', `-0.${1 + (sequence % 9)}`, '61000')],
    hedged: [perp('ETH-PERP', '3', '3000'), perp('BTC-PERP', `-0.0${1 + (sequence % 9)}`, '60000')],
    collateral: [{ id: 'sol', kind: 'collateral', asset: 'SOL', amount: String(10 + sequence), chain: 'l2' }],
    empty: [],
  };
  return { sequence, cash: String(1000 + sequence), positions: positions[account] };
}

describe('two gateways and two workers over one database', { timeout: 480_000 }, () => {
  let network: LiveNetwork;
  let postgres: TestPostgres;
  let queues: TestQueues;
  let database: Database;
  const programs: Program[] = [];
  /** Margins by account and moment, as they were first given. */
  const given = new Map<string, string>();
  const moments: number[] = [];
  let gateways: readonly [string, string];
  const run = (entry: string) => {
    const program = runEntry(entry, [], {
      NETWORK_FILE: network.file,
      DATABASE_URL: database.url,
      ...queues.environment,
      PORT: '0',
      LOG_LEVEL: 'warn',
      FORECAST_INTERVAL_MS: '5000',
      SNAPSHOT_INTERVAL_MS: '300',
      POLL_INTERVAL_MS: '300',
      DRAIN_DELAY_MS: '10000',
    });
    programs.push(program);
    return program;
  };
  const urlOf = async (program: Program) =>
    (await program.printed(/network live-test, (http:\S+)/, PATIENCE_MS))[1]!;
  const end = async (program: Program, signal: NodeJS.Signals) => {
    program.child.kill(signal);
    return program.exited;
  };

  beforeAll(async () => {
    network = await startLiveNetwork({ moving: true });
    postgres = await startTestPostgres();
    queues = await startTestQueues();
    database = await postgres.openMigrated();
    const [first, second] = [run('gateway/gateway.ts'), run('gateway/gateway.ts')];
    gateways = [await urlOf(first), await urlOf(second)];
    for (const worker of [run('gateway/worker.ts'), run('gateway/worker.ts')]) {
      await worker.printed(/breakwater worker: network live-test/, PATIENCE_MS);
    }
    for (const url of gateways) {
      await until(
        `${url} to be ready`,
        async () => (await fetch(`${url}/ready`)).status === 200,
        PATIENCE_MS,
      );
    }
  }, 480_000);
  afterAll(async () => {
    for (const program of programs) await end(program, 'SIGKILL');
    await queues?.stop();
    await postgres?.stop();
    await network?.stop();
  });

  const push = async (url: string, account: string, sequence: number) => {
    const answer = await fetch(`${url}/v1/accounts/${account}/positions`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(book(account, sequence)),
    });
    expect(answer.status, await answer.text()).toBe(200);
  };
  const margin = async (url: string, account: string, atMs: number | null) => {
    const at = atMs === null ? '' : `?at=${new Date(atMs).toISOString()}`;
    const answer = await fetch(`${url}/v1/accounts/${account}/margin${at}`);
    return { status: answer.status, text: await answer.text() };
  };
  /** As soon as the gateway answers. */
  const settled = (url: string, account: string, atMs: number) =>
    until(`the margin of ${account} at ${atMs} on ${url}`, async () => {
      const { status, text } = await margin(url, account, atMs);
      if (status === 200) return text;
      expect([status, JSON.parse(text).type]).toEqual([409, '/errors/moment-not-settled']);
      return null;
    });

  it('gives byte-identical margins for the same moment while prices, books and parameters change', async () => {
    const sequences = new Map<string, number>();
    /** Whoever was pushed to, the other gateway knows at once. */
    const change = async (account: string, turn: number) => {
      const sequence = (sequences.get(account) ?? 0) + 1;
      sequences.set(account, sequence);
      await push(gateways[turn % 2]!, account, sequence);
      const seen = JSON.parse((await margin(gateways[(turn + 1) % 2]!, account, null)).text);
      expect(seen.sequence).toBe(sequence);
    };
    for (const account of ACCOUNTS) await change(account, 0);

    let moving = true;
    const writer = (async () => {
      for (let turn = 0; moving; turn += 1) {
        await change(ACCOUNTS[turn % ACCOUNTS.length]!, turn);
        await delay(PAUSE_MS);
      }
    })();
    for (let index = 0; index < MOMENTS; index += 1) {
      if (index === MOMENTS / 2) await acceptFixed(database);
      const atMs = Date.now();
      moments.push(atMs);
      for (const account of ACCOUNTS) {
        const [one, other] = await Promise.all(gateways.map((url) => settled(url, account, atMs)));
        expect(other).toBe(one);
        given.set(`${account} ${atMs}`, one!);
      }
    }
    moving = false;
    await writer;

    expect(given.size).toBe(MOMENTS * ACCOUNTS.length);
    const answers = moments.map((atMs) => JSON.parse(given.get(`long ${atMs}`)!) as MarginDto);
    const distinct = (of: (answer: MarginDto) => unknown) => new Set(answers.map(of)).size;
    expect(distinct((answer) => answer.prices[0]?.price)).toBeGreaterThan(5);
    expect(distinct((answer) => answer.sequence)).toBeGreaterThan(5);
    expect(answers.map(({ asOf }) => asOf)).toEqual(moments.map((atMs) => new Date(atMs).toISOString()));
    expect([answers[0]!.moduleId, answers.at(-1)!.moduleId]).toEqual(['standard', 'fixed']);
  });

  it('restarts a gateway without a request that fails; the new one gives the same margins of before', async () => {
    const [first] = programs;
    /** What a balancer knows: whom /ready told it to ask. */
    const readyUrls = new Set(gateways);
    const isReady = async (url: string) =>
      fetch(`${url}/ready`).then(
        ({ status }) => status === 200,
        () => false,
      );
    let balancing = true;
    const probe = (async () => {
      while (balancing) {
        for (const url of gateways) {
          if (await isReady(url)) readyUrls.add(url);
          else readyUrls.delete(url);
        }
        await delay(PAUSE_MS);
      }
    })();
    let sequence = 1_000;
    const asked = new Map<string, number>();
    const failures: string[] = [];
    const client = (async () => {
      for (let turn = 0; balancing; turn += 1) {
        const all = [...readyUrls];
        const url = all[turn % all.length]!;
        sequence += 1;
        try {
          await push(url, 'long', sequence);
          const { status, text } = await margin(url, 'long', null);
          if (status !== 200 || JSON.parse(text).sequence !== sequence) failures.push(text);
          asked.set(url, (asked.get(url) ?? 0) + 1);
        } catch (error) {
          failures.push(`${url}: ${error}`);
        }
        await delay(PAUSE_MS);
      }
    })();
    const stream = await fetch(`${gateways[0]}/v1/stream?topics=margin`);
    const told = stream.text();
    first!.child.kill('SIGTERM');
    await until('the balancer to know', () => !readyUrls.has(gateways[0]));
    const last = await fetch(`${gateways[0]}/ready`);
    expect([last.status, last.headers.get('connection')]).toEqual([503, 'close']);
    expect(await last.json()).toMatchObject({
      ready: false,
      checks: expect.arrayContaining([
        { name: 'stopping', ok: false, detail: 'this process is about to end' },
      ]),
    });
    expect(await told).toContain('event: closing');
    expect(await first!.exited, first!.output()).toBe(0);
    const before = asked.get(gateways[1])!;
    await until('the other one to serve', () => asked.get(gateways[1])! > before + 5);

    const again = run('gateway/gateway.ts');
    gateways = [await urlOf(again), gateways[1]];
    await until('the new one to serve', () => (asked.get(gateways[0]) ?? 0) > 5, PATIENCE_MS);
    balancing = false;
    await Promise.all([client, probe]);
    expect(failures).toEqual([]);
    const stored = await database.pool.query(`select sequence from accounts where account = 'long'`);
    expect(stored.rows).toEqual([{ sequence: String(sequence) }]);

    // The new one was not there then; nothing of what was under way then is now.
    for (const atMs of moments) {
      for (const account of ACCOUNTS) {
        expect((await margin(gateways[0], account, atMs)).text).toBe(given.get(`${account} ${atMs}`));
      }
    }
  });

  it('has each worker tell its metrics: the backlogs, and the runs that were its own', async () => {
    for (const worker of programs.slice(2, 4)) {
      const [, url] = (await worker.printed(/network live-test, (http:\S+\/metrics)/)) as unknown as [
        0,
        string,
      ];
      const text = await until('runs of both kinds', async () => {
        const answer = await fetch(url);
        const body = await answer.text();
        return answer.status === 200 &&
          /duration_seconds_count{task="price-snapshot",outcome="done"}/.test(body)
          ? body
          : null;
      });
      for (const name of [
        'breakwater_queue_jobs{task="margin-sweep",state="waiting"}',
        'breakwater_sweep_lag_seconds ',
        'breakwater_dead_letters{task="margin-sweep"} 0',
        'breakwater_webhook_lag_seconds 0',
        'breakwater_publications_stuck 0',
        'process_resident_memory_bytes ',
      ]) {
        expect(text).toContain(`\n${name}`);
      }
    }
  });

  it('refuses a moment after the last stored prices, alike', async () => {
    for (const worker of programs.slice(2, 4)) expect(await end(worker, 'SIGTERM'), worker.output()).toBe(0);
    const atMs = Date.now();
    for (const url of gateways) {
      const { status, text } = await margin(url, 'long', atMs);
      expect([status, JSON.parse(text).type]).toEqual([409, '/errors/moment-not-settled']);
    }
  });
});

/** Puts another module in force, as an executed proposal does, but tells nobody. */
function acceptFixed(database: Database) {
  return unsettled(database, Date.now(), async (tx, marketTimeMs) => {
    await tx.insert(riskConfigurations).values({
      protocol: LOCAL_PROTOCOL,
      version: 1,
      moduleId: 'fixed',
      moduleVersion: '1.0.0',
      parameters: {},
      parametersHash: 'as accepted',
      effectiveFrom: marketTimeMs,
      proposal: 'of this test',
      createdAt: Date.now(),
    });
  });
}
