import { createConnection, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { DatabaseUnavailableError } from '../../../db/errors.ts';
import { createLogger } from '../../../gateway/app/logger.ts';
import { Cleanup } from '../../../gateway/runtime/cleanup.ts';
import { startWhenPossible } from '../../../gateway/runtime/start-when-possible.ts';
import { QueueUnavailableError } from '../../../jobs/errors.ts';
import { type LiveNetwork, startLiveNetwork } from '../../helpers/live-network.ts';
import { startTestPostgres } from '../../helpers/postgres.ts';
import { runEntry } from '../../helpers/program.ts';

const logger = createLogger('silent');
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A port of this machine on which nobody listens: taken, and given back. */
async function freePort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const options = (over: object = {}) => ({
  ...{ databaseUrl: 'postgres://u:secret@127.0.0.1:1/db', redisUrl: null, patienceMs: 600_000 },
  ...{ cleanup: new Cleanup(), signal: new AbortController().signal, logger, ...over },
});

describe('a start', () => {
  it('is tried again while a server is missing, and stops what each try began', async () => {
    const cleanup = new Cleanup();
    const steps: string[] = [];
    let tries = 0;
    const result = await startWhenPossible(options({ cleanup }), async (attempt) => {
      const name = `try ${++tries}`;
      attempt.add(name, () => steps.push(`stop ${name}`));
      steps.push(name);
      if (tries === 1) throw new DatabaseUnavailableError('the database system is starting up');
      if (tries === 2) throw new QueueUnavailableError('no answer');
      return 'up';
    });
    expect(result).toBe('up');
    expect(steps).toEqual(['try 1', 'stop try 1', 'try 2', 'stop try 2', 'try 3']);
    await cleanup.run(() => undefined);
    expect(steps.at(-1)).toBe('stop try 3');
  });

  it('is given up when the patience is over, with what was missing; at once when waiting cannot help', async () => {
    const lines: string[] = [];
    const told = { ...logger, fatal: (_: object, text: string) => lines.push(text), warn: () => undefined };
    const missing = async () => {
      throw new DatabaseUnavailableError('connect ECONNREFUSED');
    };
    await expect(startWhenPossible(options({ patienceMs: 0, logger: told }), missing)).rejects.toBeInstanceOf(
      DatabaseUnavailableError,
    );
    const noRedis = async () => {
      throw new QueueUnavailableError('connect ECONNREFUSED');
    };
    const redis = { patienceMs: 0, logger: told, redisUrl: 'redis://:secret@cache:6379' };
    await expect(startWhenPossible(options(redis), noRedis)).rejects.toBeInstanceOf(QueueUnavailableError);
    expect(lines).toEqual([
      'PostgreSQL at 127.0.0.1:1 is missing: giving up',
      'Redis at cache:6379 is missing: giving up',
    ]);
    let tries = 0;
    const wrong = async () => {
      tries += 1;
      throw new TypeError('a defect');
    };
    await expect(startWhenPossible(options(), wrong)).rejects.toThrow('a defect');
    expect(tries).toBe(1);
  });

  it('ends while it waits when the process is told to stop', async () => {
    const controller = new AbortController();
    const start = startWhenPossible(options({ signal: controller.signal }), async () => {
      controller.abort();
      throw new DatabaseUnavailableError('connect ECONNREFUSED');
    });
    await expect(start).rejects.toBeInstanceOf(DatabaseUnavailableError);
  });
});

describe('a worker as a process', { timeout: 240_000 }, () => {
  const prepared = async (): Promise<LiveNetwork> => {
    const network = await startLiveNetwork();
    closing.push(() => network.stop());
    return network;
  };
  const run = (network: LiveNetwork, environment: Record<string, string>) => {
    const program = runEntry('gateway/worker.ts', [], { NETWORK_FILE: network.file, ...environment });
    closing.push(async () => {
      program.child.kill('SIGKILL');
      await program.exited;
    });
    return program;
  };

  it('waits for a PostgreSQL that comes late, and serves; names one that never comes and ends with 1', async () => {
    const network = await prepared();
    const port = await freePort();
    const never = run(network, {
      DATABASE_URL: `postgres://u:secret@127.0.0.1:${port}/db`,
      START_PATIENCE_SECONDS: '1',
    });
    const postgres = await startTestPostgres();
    closing.push(() => postgres.stop());
    const url = new URL(await postgres.createDatabase());
    const latePort = await freePort();
    const DATABASE_URL = Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(latePort) }).href;
    const late = run(network, { DATABASE_URL });
    await late.printed(/PostgreSQL at 127\.0\.0\.1:\d+ is not there yet: trying again/);
    const forward = createServer((inward) => {
      const outward = createConnection(Number(url.port), url.hostname);
      for (const socket of [inward, outward]) socket.on('error', () => undefined);
      inward.pipe(outward).pipe(inward);
      inward.on('close', () => outward.destroy());
    });
    await new Promise<void>((resolve) => forward.listen(latePort, '127.0.0.1', resolve));
    closing.splice(-1, 0, () => void forward.close());
    const [, metrics] = await late.printed(/breakwater worker: network live-test, (\S+)\/metrics/);
    expect((await fetch(`${metrics}/health`)).status).toBe(200);

    expect(await never.exited).toBe(1);
    expect(never.output()).toContain(`PostgreSQL at 127.0.0.1:${port} is missing: giving up`);
    expect(never.output()).not.toContain('secret');
  });
});
