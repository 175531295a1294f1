import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MarginDto } from '../../../gateway/schemas/margin.ts';
import { type LiveNetwork, startLiveNetwork } from '../../helpers/live-network.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { descendants, type Program, runEntry, survivors } from '../../helpers/program.ts';
import { startTestQueues, type TestQueues } from '../../helpers/queues.ts';
import { until } from '../../helpers/until.ts';

const BOOK = {
  sequence: 7,
  cash: '1000',
  positions: [{ id: 'long', kind: 'perp', market: 'ETH-PERP', size: '2', entryPrice: '2900', chain: 'hub' }],
};

/** Programs start on whatever machine this is. */
const PATIENCE_MS = 180_000;

describe('live mode, on networks that a file describes', { timeout: 600_000 }, () => {
  let network: LiveNetwork;
  const programs: Program[] = [];
  const run = (entry: string, environment: Record<string, string>) => {
    const base = { NETWORK_FILE: network.file, PORT: '0', LOG_LEVEL: 'warn', FORECAST_INTERVAL_MS: '5000' };
    const program = runEntry(entry, [], { ...base, ...environment });
    programs.push(program);
    return program;
  };
  const urlOf = async (program: Program) =>
    (await program.printed(/network live-test, (http:\S+)/, PATIENCE_MS))[1]!;
  const ready = (url: string) =>
    until(`${url} to be ready`, async () => (await fetch(`${url}/ready`)).status === 200, PATIENCE_MS);
  const put = async (url: string) => {
    const init = {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(BOOK),
    };
    return (await fetch(`${url}/v1/accounts/carol/positions`, init)).status;
  };
  const margin = async (url: string) =>
    (await (await fetch(`${url}/v1/accounts/carol/margin`)).json()) as MarginDto;
  /** With a forecast the buffer is told by its model; without one the cap stands in. */
  const forecastMargin = (url: string) =>
    until(
      'a margin with a forecast',
      async () => {
        const answer = await margin(url);
        return /^(logHAR|logHARX168|network)$/.test(answer.buffers?.[0]?.model ?? '') ? answer : null;
      },
      PATIENCE_MS,
    );

  beforeAll(async () => {
    network = await startLiveNetwork();
  });
  afterEach(async () => {
    for (const program of programs.splice(0)) {
      program.child.kill('SIGKILL');
      await program.exited;
    }
  });
  afterAll(async () => {
    await network?.stop();
  });

  it('serves real time from the same code, and keeps what it acknowledged over a stop and a kill -9', async () => {
    const DATA_DIR = join(network.directory, 'data');
    const first = run('gateway/start.ts', { DATA_DIR });
    const url = await urlOf(first);
    await ready(url);
    expect(await put(url)).toBe(200);
    const answer = await forecastMargin(url);
    // How high the predictive buffer stands depends on the hour of the week at which this runs.
    expect(['healthy', 'warned']).toContain(answer.status);
    expect(answer).toMatchObject({ stale: false, sequence: 7 });
    expect(Math.abs(Number(answer.equity) - 1200)).toBeLessThan(5);
    expect(Math.abs(Date.parse(answer.asOf) - Date.now())).toBeLessThan(60_000);
    const children = descendants(first.child.pid!);
    process.kill(-first.child.pid!, 'SIGTERM');
    expect(await first.exited, first.output()).toBe(0);
    await until('its children to end', () => survivors(children).length === 0, PATIENCE_MS);

    const second = run('gateway/start.ts', { DATA_DIR });
    const urlAgain = await urlOf(second);
    await ready(urlAgain);
    expect(await margin(urlAgain)).toMatchObject({ sequence: 7, stale: false });
    second.child.kill('SIGKILL');
    await second.exited;

    const third = run('gateway/start.ts', { DATA_DIR });
    const urlAfterKill = await urlOf(third);
    await ready(urlAfterKill);
    expect(await margin(urlAfterKill)).toMatchObject({ sequence: 7, stale: false });
  });

  describe('as two processes over one database', () => {
    let postgres: TestPostgres;
    let queues: TestQueues;
    beforeAll(async () => {
      postgres = await startTestPostgres();
      queues = await startTestQueues();
    });
    afterAll(async () => {
      await queues?.stop();
      await postgres?.stop();
    });

    it('has the gateway answer with the forecasts of the worker, which sweeps its accounts', async () => {
      const database = await postgres.openMigrated();
      const environment = { DATABASE_URL: database.url, ...queues.environment };
      const gateway = run('gateway/gateway.ts', environment);
      const url = await urlOf(gateway);
      await ready(url);
      expect(await put(url)).toBe(200);
      const before = await margin(url);
      expect(before.buffers.map(({ model, reasons }) => [model, reasons[0]?.code])).toEqual([
        ['none', 'forecast-missing'],
      ]);
      const worker = run('gateway/worker.ts', environment);
      await worker.printed(/breakwater worker: network live-test/, PATIENCE_MS);
      const after = await forecastMargin(url);
      expect(Number(after.requirement.initial)).toBeLessThan(Number(before.requirement.initial));
      await until(
        'a swept status',
        async () => {
          const found = await database.pool.query(`select 1 from margin_statuses where account = 'carol'`);
          return found.rowCount === 1;
        },
        PATIENCE_MS,
      );
      for (const program of [worker, gateway]) {
        program.child.kill('SIGTERM');
        expect(await program.exited, program.output()).toBe(0);
      }
    });
  });

  it('does not start without a network file, and says which variable names it', async () => {
    const program = run('gateway/start.ts', { NETWORK_FILE: '' });
    expect(await program.exited).toBe(1);
    expect(program.output()).toContain('NETWORK_FILE: must name a network file');
  });
});
