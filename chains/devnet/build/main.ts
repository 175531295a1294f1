import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTIFACTS_DIRECTORY } from '../artifacts.ts';
import { compileTarget } from './compile.ts';
import { BUILD_TARGETS } from './targets.ts';

/**
 * `npm run contracts:build` compiles every target into chains/devnet/artifacts; with `-- --check` it writes
 * nothing, names each artifact that differs from a rebuild of its sources, and exits 1 if there is one.
 */
const check = process.argv.includes('--check');
mkdirSync(ARTIFACTS_DIRECTORY, { recursive: true });
let stale = 0;
for (const target of BUILD_TARGETS) {
  const artifact = compileTarget(target);
  const path = join(ARTIFACTS_DIRECTORY, `${target.contract}.json`);
  const text = `${JSON.stringify(artifact, null, 2)}\n`;
  const bytes = (artifact.bytecode.length - 2) / 2;
  if (!check) {
    writeFileSync(path, text);
    process.stdout.write(`${target.contract}: ${bytes} bytes from ${artifact.source.package}\n`);
    continue;
  }
  const same = readCommitted(path) === text;
  if (!same) stale += 1;
  process.stdout.write(`${target.contract}: ${same ? 'matches' : 'DIFFERS FROM'} its sources\n`);
}
process.exitCode = stale === 0 ? 0 : 1;

function readCommitted(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
