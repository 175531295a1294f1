import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../logger.ts';
import { type Binaries, serverEnvironment } from './binaries.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { fileOwner, type ServerIdentity } from './identity.ts';

export const SUPERUSER = 'breakwater';
/** Directory of the server's files inside the data directory. */
export const CLUSTER = 'cluster';
const HALF_MADE = 'cluster.init-';

/** Creates the data directory when missing; the server's user must be able to enter it. */
export function prepareDirectory(dataDir: string): void {
  if (existsSync(dataDir)) return;
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
}

/** The password of the local server; made once, readable by the owner alone. */
export function ensurePassword(dataDir: string): string {
  const file = join(dataDir, 'password');
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600, flag: 'wx' });
  const owner = fileOwner();
  if (owner) chownSync(file, owner.uid, owner.gid);
  return readFileSync(file, 'utf8').trim();
}

function makeExecutable(...files: string[]): void {
  for (const file of files) if ((statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755);
}

/**
 * Initialises the cluster once. It is made beside its place and moved there when complete, so that a start that
 * was killed half way leaves nothing that looks like a database.
 * @throws EmbeddedPostgresError with the last words of initdb.
 */
export async function ensureCluster(
  dataDir: string,
  binaries: Binaries,
  identity: ServerIdentity,
  options: { readonly sync: boolean; readonly logger: Logger },
): Promise<string> {
  const cluster = join(dataDir, CLUSTER);
  for (const name of readdirSync(dataDir)) {
    if (name.startsWith(HALF_MADE)) rmSync(join(dataDir, name), { recursive: true, force: true });
  }
  makeExecutable(binaries.initdb, binaries.postgres);
  if (existsSync(join(cluster, 'PG_VERSION'))) return cluster;
  options.logger.info({ dataDir }, 'initialising the embedded database');
  const half = join(dataDir, `${HALF_MADE}${process.pid}`);
  mkdirSync(half, { mode: 0o700 });
  const owner = fileOwner();
  if (owner) chownSync(half, owner.uid, owner.gid);
  await runInitdb(binaries, half, join(dataDir, 'password'), identity, options.sync);
  renameSync(half, cluster);
  return cluster;
}

/** The same sort order on every machine, whatever locales it has. */
const SAME_EVERYWHERE = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

async function runInitdb(
  binaries: Binaries,
  directory: string,
  passwordFile: string,
  identity: ServerIdentity,
  sync: boolean,
): Promise<void> {
  const command = [
    ...identity.prefix,
    binaries.initdb,
    `--pgdata=${directory}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    ...(binaries.locale ?? SAME_EVERYWHERE),
    ...(sync ? [] : ['--no-sync']),
  ];
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    ...(identity.uid === undefined ? {} : { uid: identity.uid, gid: identity.gid! }),
    env: serverEnvironment(),
  });
  let words = '';
  const keep = (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-4_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new EmbeddedPostgresError(`initdb ended with code ${code}`, { output: words });
}
