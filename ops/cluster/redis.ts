import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { Redis } from 'ioredis';
import { freePort } from '../../db/embedded/server.ts';
import { ClusterError } from './errors.ts';
import { createProgram } from './program.ts';
import type { Server } from './server.ts';
import { waitFor } from './wait.ts';

export interface RedisServer extends Server {
  urlAt(port: number): string;
  /** FLUSHALL. */
  flush(): Promise<void>;
}

/** A redis-server with the settings of ops/compose.yaml. @throws ClusterError where none is installed */
export async function startRedis(dataDir: string, logFile: string): Promise<RedisServer> {
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    throw new ClusterError('no redis-server on PATH (Debian: apt-get install redis-server)');
  }
  mkdirSync(dataDir, { recursive: true });
  const port = await freePort();
  const program = createProgram({
    name: 'redis',
    command: [
      'redis-server',
      ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dataDir],
      ...['--maxmemory-policy', 'noeviction', '--appendonly', 'yes'],
    ],
    logFile,
  });
  const ask = async <T>(work: (client: Redis) => Promise<T>): Promise<T> => {
    const client = new Redis(port, '127.0.0.1', {
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await work(client);
    } finally {
      client.disconnect();
    }
  };
  const start = async () => {
    if (!program.running) program.start();
    const answers = () =>
      ask((client) => client.ping()).then(
        () => true,
        () => {
          if (!program.running) program.start();
          return false;
        },
      );
    await waitFor('Redis', answers, 60_000);
  };
  await start();
  return {
    name: 'redis',
    port,
    program,
    dataDir,
    start,
    urlAt: (at) => `redis://127.0.0.1:${at}`,
    flush: async () => void (await ask((client) => client.flushall())),
  };
}
