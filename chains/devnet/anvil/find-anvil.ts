import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { AnvilUnavailableError } from '../errors.ts';

const require = createRequire(import.meta.url);

/**
 * Path of the anvil binary: the npm package (Linux x64), else `ANVIL_BIN`, else `anvil` on PATH.
 * @throws AnvilUnavailableError that says what to install.
 */
export function findAnvil(environment: NodeJS.ProcessEnv = process.env, packaged = packagedAnvil()): string {
  if (packaged !== null) return packaged;
  const named = environment.ANVIL_BIN;
  if (named) {
    if (isExecutable(named)) return named;
    throw new AnvilUnavailableError(`ANVIL_BIN: ${named} is not an executable file`, { path: named });
  }
  for (const directory of (environment.PATH ?? '').split(delimiter)) {
    const candidate = join(directory, process.platform === 'win32' ? 'anvil.exe' : 'anvil');
    if (directory !== '' && isExecutable(candidate)) return candidate;
  }
  throw new AnvilUnavailableError(
    'no anvil found: npm brings it on Linux x64 only (optional package @foundry-rs/anvil-linux-amd64); elsewhere ' +
      'install Foundry (https://getfoundry.sh) so that `anvil` is on PATH, or set ANVIL_BIN to its path',
    { platform: `${process.platform}-${process.arch}` },
  );
}

/** The binary of the optional npm package, or null where it is not installed or cannot run. */
export function packagedAnvil(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  try {
    const path = require.resolve('@foundry-rs/anvil-linux-amd64/bin/anvil');
    return isExecutable(path) ? path : null;
  } catch {
    return null;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
