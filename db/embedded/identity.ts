import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { EmbeddedPostgresError } from './errors.ts';

/** As whom the server runs, and what must stand before its command line for that. */
export interface ServerIdentity {
  readonly uid?: number;
  readonly gid?: number;
  readonly prefix: readonly string[];
}

const USER = 'postgres';

function idOf(flag: '-u' | '-g'): number | null {
  const answer = spawnSync('id', [flag, USER], { encoding: 'utf8' });
  return answer.status === 0 ? Number.parseInt(answer.stdout, 10) : null;
}

function ensureUser(): { uid: number; gid: number } {
  if (idOf('-u') === null) {
    spawnSync('groupadd', ['--system', USER]);
    spawnSync('useradd', ['--system', '--no-create-home', '-g', USER, USER]);
  }
  const uid = idOf('-u');
  const gid = idOf('-g');
  if (uid === null || gid === null) {
    throw new EmbeddedPostgresError(
      `PostgreSQL does not run as root and the user '${USER}' could not be created; run as an ordinary user or set DATABASE_URL`,
    );
  }
  return { uid, gid };
}

/**
 * PostgreSQL refuses to run as root; there it runs as the user `postgres`, which is created when missing. Below
 * a directory that this user may not enter (root's home, typically) it is given the one capability that lets it
 * pass, by setpriv of util-linux.
 * @throws EmbeddedPostgresError
 */
export function serverIdentity(dataDir: string, binary: string): ServerIdentity {
  if (process.platform === 'win32' || process.getuid?.() !== 0) return { prefix: [] };
  const { uid, gid } = ensureUser();
  const reachable = spawnSync('/bin/sh', ['-c', 'test -x "$1" && test -x "$2"', 'sh', dataDir, binary], {
    uid,
    gid,
    cwd: '/',
  });
  if (reachable.status === 0) return { uid, gid, prefix: [] };
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find(existsSync);
  if (setpriv === undefined) {
    throw new EmbeddedPostgresError(
      `the user '${USER}' may not enter ${dataDir} or ${binary}; move them out of root's home or set DATABASE_URL`,
    );
  }
  const prefix = [
    setpriv,
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    '--inh-caps=-all,+dac_override',
    // Without it access(2) ignores the capability, and PostgreSQL asks access(2) about its own binaries.
    '--securebits=+no_setuid_fixup',
    '--ambient-caps=-all,+dac_override',
  ];
  return { prefix };
}

/** Owner that files must have for the server to read them; undefined when they are the server's already. */
export function fileOwner(): { uid: number; gid: number } | undefined {
  return process.platform !== 'win32' && process.getuid?.() === 0 ? ensureUser() : undefined;
}
