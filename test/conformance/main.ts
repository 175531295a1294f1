/**
 * `npm run conformance [-- --vectors DIR --set NAME]`: runs every vector set found against the formulas here. One
 * line per set: name, passed/total, worst relative error; exit code 0 when nothing failed.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { ConformanceResult } from './check.ts';
import { DEFAULT_VECTORS, readJson } from './files.ts';

type Runner = (dir: string) => ConformanceResult | Promise<ConformanceResult>;

/** Folders that hold addresses or parameters, not expected numbers. */
const NOT_VECTORS = new Set([
  'chainlink-feeds',
  'uniswap-deployments',
  'layerzero-deployments',
  'pyth-contracts',
  'aave-oracle-map',
  'kamino-scope-config',
  'rules-only',
]);

/** Runners by set name: one file per set in the folder of the layer it tests. */
function discover(): Map<string, string> {
  const runners = new Map<string, string>();
  for (const layer of ['risk', 'oracles', 'models']) {
    const folder = join(import.meta.dirname, layer);
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder)) {
      if (file.endsWith('.ts')) runners.set(file.slice(0, -3), join(folder, file));
    }
  }
  return runners;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { vectors: { type: 'string' }, set: { type: 'string' } } });
  const vectors = resolve(values.vectors ?? DEFAULT_VECTORS);
  if (!existsSync(vectors)) {
    console.error(`no vectors at ${vectors}; give their folder with --vectors DIR`);
    return 2;
  }
  const runners = discover();
  const pending = new Set(readJson<string[]>(join(import.meta.dirname, '../vectors'), 'pending.json'));
  const sets = readdirSync(vectors, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NOT_VECTORS.has(entry.name))
    .map((entry) => entry.name)
    .filter((name) => values.set === undefined || name === values.set)
    .sort();
  if (sets.length === 0) {
    console.error(
      values.set === undefined
        ? `${vectors} holds no vector set`
        : `no vector set ${values.set} in ${vectors}`,
    );
    return 2;
  }
  let passed = 0;
  let failed = 0;
  for (const set of sets) {
    const file = runners.get(set);
    if (!file) {
      if (!pending.has(set)) failed++;
      console.log(pending.has(set) ? `${set} pending` : `${set} FAILED: no runner and not pending`);
      continue;
    }
    try {
      const { run } = (await import(pathToFileURL(file).href)) as { run: Runner };
      const result = await run(join(vectors, set));
      const missing = result.total === 0 ? 1 : 0;
      passed += result.passed;
      failed += result.total - result.passed + missing;
      console.log(`${set} ${result.passed}/${result.total} ${result.worst.toExponential(1)}`);
      if (missing) console.log('  read no case');
      for (const failure of result.failures ?? []) console.log(`  ${failure}`);
    } catch (error) {
      failed++;
      console.log(`${set} FAILED: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
