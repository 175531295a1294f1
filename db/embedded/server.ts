import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../logger.ts';
import { serverEnvironment } from './binaries.ts';
import { DataDirectoryInUseError, EmbeddedPostgresError } from './errors.ts';
import { GUARD } from './guard.ts';
import type { ServerIdentity } from './identity.ts';
import { isReady, isServerOf, postmasterPid } from './lock.ts';
import { commandOf, isAlive } from './processes.ts';

export interface ServerProcess {
  readonly port: number;
  /** Resolves when the server has ended, for whatever reason. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
  /** Fast shutdown (open transactions roll back); immediate if that takes longer than 20 s. */
  stop(): Promise<void>;
}

/** A TCP port of the loopback interface that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(address)));
    });
  });
}

/** A pid that no process has: the kernel's highest. */
const NOBODY = '4194303';

/**
 * Waits for a server that is shutting down because its parent was killed, and disarms a lock file whose number now
 * belongs to a stranger. The file itself stays: with it PostgreSQL makes sure that no backend of the dead server
 * still writes.
 * @throws DataDirectoryInUseError when a server stays.
 */
export async function clearStaleLock(cluster: string, waitMs = 20_000): Promise<void> {
  const until = Date.now() + waitMs;
  for (;;) {
    const pid = postmasterPid(cluster);
    if (pid === null || !isAlive(pid)) return;
    if (!isServerOf(pid, cluster)) break;
    if (Date.now() > until) throw new DataDirectoryInUseError(cluster, pid, commandOf(pid) ?? 'postgres');
    await delay(50);
  }
  const file = join(cluster, 'postmaster.pid');
  const lines = readFileSync(file, 'utf8').split('\n');
  lines[7] = 'stale   ';
  writeFileSync(file, [NOBODY, ...lines.slice(1)].join('\n'));
}

/**
 * Starts the server on 127.0.0.1 under the guard and waits until it accepts connections.
 * @throws EmbeddedPostgresError with the server's last words when it ends before that.
 */
export async function launchServer(
  binary: string,
  cluster: string,
  identity: ServerIdentity,
  options: { readonly port: number; readonly settings: readonly string[]; readonly logger: Logger },
): Promise<ServerProcess> {
  const previous = postmasterPid(cluster);
  const server = [
    ...identity.prefix,
    binary,
    '-D',
    cluster,
    '-p',
    String(options.port),
    ...['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...options.settings].flatMap((s) => [
      '-c',
      s,
    ]),
  ];
  const command = process.platform === 'win32' ? server : ['/bin/sh', '-c', GUARD, 'sh', ...server];
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: process.platform !== 'win32',
    cwd: '/',
    ...(identity.uid === undefined ? {} : { uid: identity.uid, gid: identity.gid! }),
    env: serverEnvironment(),
  });
  let output = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-4_000);
    for (const line of chunk.toString('utf8').trimEnd().split('\n'))
      options.logger.debug({ line }, 'postgres');
  });
  child.stdin!.on('error', () => undefined);
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.once('error', (error) => resolve({ code: null, output: String(error) }));
    child.once('exit', (code) => resolve({ code, output }));
  });
  let gone = false;
  void ended.then(() => {
    gone = true;
  });
  while (!isReady(cluster, previous)) {
    if (gone) {
      const { code } = await ended;
      throw new EmbeddedPostgresError(`the server ended with code ${code} while starting`, { output });
    }
    await delay(20);
  }
  letProcessEnd(child);
  return { port: options.port, ended, stop: () => stopServer(child, cluster, ended) };
}

/** The child must not keep this process alive: when this process ends, the guard stops the server. */
function letProcessEnd(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stderr])
    (stream as unknown as { unref?(): void } | null)?.unref?.();
}

async function stopServer(
  child: ChildProcess,
  cluster: string,
  ended: ServerProcess['ended'],
): Promise<void> {
  child.ref();
  const pid = postmasterPid(cluster);
  if (process.platform === 'win32') child.kill();
  else child.stdin?.end('INT\n');
  const timer = new AbortController();
  const patience = delay(20_000, 'late', { signal: timer.signal }).catch(() => 'stopped');
  if ((await Promise.race([ended, patience])) === 'late' && pid !== null && isServerOf(pid, cluster)) {
    process.kill(pid, 'SIGQUIT');
    await ended;
  }
  timer.abort();
}
