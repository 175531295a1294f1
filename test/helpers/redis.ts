import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../../db/embedded/server.ts';
import { unavailable } from './services.ts';

export interface TestRedis {
  readonly url: string;
  /** Deletes every key, as an operator's FLUSHALL would. */
  flush(): Promise<void>;
  /** kill -9; only where the server is ours. */
  kill(): Promise<void>;
  /** Starts an empty server on the same port after a kill. */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

const hasBinary = (): boolean => spawnSync('redis-server', ['--version']).status === 0;

/** Why there is no Redis, or null when there is one: for `describe.skipIf`. Prints the skip. */
export function redisMissing(): string | null {
  if (process.env.TEST_REDIS_URL || hasBinary()) return null;
  const reason = 'no redis-server on PATH and no TEST_REDIS_URL';
  unavailable('Redis', reason);
  return reason;
}

async function command<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.disconnect();
  }
}

async function startServer(port: number, directory: string): Promise<ChildProcess> {
  const args = [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    directory,
  ];
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  for (let attempt = 0; ; attempt += 1) {
    try {
      await command(`redis://127.0.0.1:${port}`, (client) => client.ping());
      return child;
    } catch (error) {
      if (attempt === 100 || child.exitCode !== null) {
        child.kill('SIGKILL');
        throw new Error(`redis-server did not start: ${String(error)}`);
      }
      await delay(50);
    }
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

/** TEST_REDIS_URL unless it must be `own`, or a redis-server of its own on a free port without persistence. */
export async function startTestRedis({ own = false } = {}): Promise<TestRedis> {
  const real = own ? undefined : process.env.TEST_REDIS_URL;
  const flush = (url: string) => command(url, (client) => client.flushall()).then(() => undefined);
  if (real) {
    const never = async () => {
      throw new Error('the server of TEST_REDIS_URL is not ours to kill');
    };
    return { url: real, flush: () => flush(real), kill: never, revive: never, stop: async () => undefined };
  }
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'breakwater-test-redis-'));
  let child = await startServer(port, directory);
  const url = `redis://127.0.0.1:${port}`;
  return {
    url,
    flush: () => flush(url),
    kill: () => end(child, 'SIGKILL'),
    revive: async () => {
      child = await startServer(port, directory);
    },
    stop: async () => {
      await end(child, 'SIGTERM');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
