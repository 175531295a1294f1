import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RISK_CONTRACTS, TEST_CONTRACTS } from '../../contracts/targets.ts';
import { ARTIFACTS_DIRECTORY, type Artifact } from '../artifacts.ts';
import { compileTargets } from './compile.ts';
import { BUILD_TARGETS, type BuildTarget } from './targets.ts';

/**
 * `npm run contracts:build` compiles every contract into the artifacts folder of its kind; with `-- --check` it writes
 * nothing, names each artifact that differs from a rebuild of its sources, and exits 1 if there is one.
 */
const check = process.argv.includes('--check');
const root = join(import.meta.dirname, '..', '..', '..');
let stale = 0;

for (const targets of together(BUILD_TARGETS)) {
  for (const artifact of compileTargets(targets)) settle(ARTIFACTS_DIRECTORY, artifact);
}
for (const [folder, contracts] of [
  ['chains/contracts', RISK_CONTRACTS],
  ['test/chains/contracts', TEST_CONTRACTS],
] as const) {
  const targets = contracts.map((contract) => {
    return {
      contract,
      package: null,
      source: `${folder}/solidity/${contract}.sol`,
      compiler: 'solc' as const,
    };
  });
  for (const artifact of compileTargets(targets)) settle(join(root, folder, 'artifacts'), artifact);
}
process.exitCode = stale === 0 ? 0 : 1;

/** Targets of one package and one compiler, in the order in which they are listed. */
function together(targets: readonly BuildTarget[]): readonly (readonly BuildTarget[])[] {
  const runs = new Map<string, BuildTarget[]>();
  for (const target of targets) {
    const key = `${target.package} ${target.compiler}`;
    runs.set(key, [...(runs.get(key) ?? []), target]);
  }
  return [...runs.values()];
}

function settle(directory: string, artifact: Artifact): void {
  const path = join(directory, `${artifact.contract}.json`);
  const text = `${JSON.stringify(artifact, null, 2)}\n`;
  const bytes = (artifact.bytecode.length - 2) / 2;
  if (!check) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(path, text);
    process.stdout.write(`${artifact.contract}: ${bytes} bytes from ${artifact.source.package}\n`);
    return;
  }
  const same = readCommitted(path) === text;
  if (!same) stale += 1;
  process.stdout.write(`${artifact.contract}: ${same ? 'matches' : 'DIFFERS FROM'} its sources\n`);
}

function readCommitted(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
