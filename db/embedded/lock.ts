import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataDirectoryInUseError } from './errors.ts';
import { commandOf, hasProc, isAlive, startTicksOf } from './processes.ts';

interface Owner {
  readonly pid: number;
  readonly startTicks: string | null;
}

const FILE = 'owner.json';

function readOwner(file: string): Owner | null {
  try {
    const owner = JSON.parse(readFileSync(file, 'utf8')) as Owner;
    return typeof owner.pid === 'number' ? owner : null;
  } catch {
    return null;
  }
}

/**
 * Claims the data directory for this process; a claim left behind by a killed process is taken over.
 * PostgreSQL's own lock file stays the last word when two processes take over at the same instant.
 * @returns a function that gives the claim up.
 * @throws DataDirectoryInUseError naming the live owner.
 */
export function claimDirectory(dataDir: string): () => void {
  const file = join(dataDir, FILE);
  const mine = JSON.stringify({ pid: process.pid, startTicks: startTicksOf(process.pid) } satisfies Owner);
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, mine);
  try {
    takeOver(dataDir, draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (readOwner(file)?.pid === process.pid) rmSync(file, { force: true });
  };
}

function takeOver(dataDir: string, draft: string, file: string): void {
  for (let attempt = 0; ; attempt += 1) {
    try {
      // A hard link appears with its content or not at all.
      linkSync(draft, file);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === 5) throw error;
    }
    const owner = readOwner(file);
    if (owner !== null && isAlive(owner.pid)) {
      const command = commandOf(owner.pid);
      const same = !hasProc || owner.startTicks === startTicksOf(owner.pid);
      // A process that was killed has no command any more, and a number until its parent has waited for it.
      if (same && command !== '') throw new DataDirectoryInUseError(dataDir, owner.pid, command ?? 'unknown');
    }
    rmSync(file, { force: true });
  }
}

/** Pid in the server's lock file, or null. The port and state follow in further lines. */
export function postmasterPid(clusterDir: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(join(clusterDir, 'postmaster.pid'), 'utf8'), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

/** True if the pid is a server on exactly this cluster, and not a stranger that got the same number. */
export function isServerOf(pid: number, clusterDir: string): boolean {
  if (!isAlive(pid)) return false;
  if (!hasProc) return true;
  return (commandOf(pid) ?? '').includes(clusterDir);
}

/** True once a server other than the `previous` one says in its lock file that it accepts connections. */
export function isReady(clusterDir: string, previous: number | null): boolean {
  try {
    const lines = readFileSync(join(clusterDir, 'postmaster.pid'), 'utf8').split('\n');
    return lines[7]?.trim() === 'ready' && Number(lines[0]) !== previous;
  } catch {
    return false;
  }
}
