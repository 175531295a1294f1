/**
 * Checks the direction of dependencies, and that the check itself can fail: with the wrong parser
 * dependency-cruiser reads no TypeScript, cruises nothing and exits 0. So a forbidden import is planted
 * in every layer first and must be found, then the real tree must be clean.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

const LAYERS = ['risk', 'oracles', 'models', 'chains', 'db', 'jobs', 'gateway'];

/** Planted file, and the forbidden module it imports. */
const PLANTS: readonly (readonly [string, string, string])[] = [
  ['risk', './../chains/registry/chain.ts', 'risk-knows-nothing'],
  ['risk', 'node:fs', 'risk-does-no-io'],
  ['oracles', './../models/forecast.ts', 'oracles-knows-risk'],
  ['models', './../oracles/price.ts', 'models-knows-risk'],
  ['chains', './../oracles/price.ts', 'chains-knows-risk'],
  ['db', './../models/forecast.ts', 'db-knows-risk'],
  ['jobs', './../gateway/config/network.ts', 'jobs-knows-below'],
  ['gateway', '@tensorflow/tfjs-core', 'tensorflow-in-models-only'],
];

interface CruiseSummary {
  readonly violations: readonly {
    readonly rule: { readonly name: string };
    readonly from: string;
    readonly to: string;
  }[];
  readonly totalCruised: number;
}

function cruise(paths: readonly string[]): CruiseSummary {
  const run = spawnSync(
    process.execPath,
    [
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      '--config',
      '.dependency-cruiser.cjs',
      '-T',
      'json',
      ...paths,
    ],
    { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
  );
  if (!run.stdout) throw new Error(`dependency-cruiser printed nothing: ${run.stderr}`);
  return (JSON.parse(run.stdout) as { summary: CruiseSummary }).summary;
}

const planted: string[] = [];
process.once('exit', () => {
  for (const file of planted) rmSync(file, { force: true });
});

let failed = 0;
const expected = new Map<string, string>();
for (const [index, [layer, target, rule]] of PLANTS.entries()) {
  const file = `${layer}/planted-${index}-${process.pid}.ts`;
  writeFileSync(file, `export * as planted from '${target}';\n`);
  planted.push(file);
  expected.set(file, rule);
}
const withPlants = cruise(planted);
for (const [file, rule] of expected) {
  if (withPlants.violations.some((violation) => violation.from === file && violation.rule.name === rule))
    continue;
  failed += 1;
  console.error(`planted import in ${file} was not found by rule ${rule}`);
}
for (const file of planted.splice(0)) rmSync(file, { force: true });

const summary = cruise(LAYERS.filter((layer) => existsSync(layer)));
for (const violation of summary.violations) {
  failed += 1;
  console.error(`${violation.rule.name}: ${violation.from} -> ${violation.to}`);
}
if (summary.totalCruised < 20) {
  failed += 1;
  console.error(`only ${summary.totalCruised} modules cruised: the parser does not read TypeScript`);
}
console.log(`${summary.totalCruised} modules cruised, ${PLANTS.length} planted imports, ${failed} problems`);
process.exit(failed === 0 ? 0 : 1);
