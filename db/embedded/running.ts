import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLUSTER, SUPERUSER } from './cluster.ts';

/**
 * Connection string of the server that another process runs on a data directory, for command lines beside it; null
 * when its files cannot be read. The password is readable by the owner of the directory alone.
 */
export function runningServerUrl(dataDir: string, database: string): string | null {
  try {
    const password = readFileSync(join(dataDir, 'password'), 'utf8').trim();
    // PostgreSQL writes its port on the fourth line.
    const port = Number(readFileSync(join(dataDir, CLUSTER, 'postmaster.pid'), 'utf8').split('\n')[3]);
    if (!Number.isInteger(port) || port <= 0) return null;
    return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
  } catch {
    return null;
  }
}
