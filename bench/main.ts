import { existsSync, readdirSync } from 'node:fs';

/**
 * Benchmarks: `npm run bench` lists and runs all, `npm run bench -- risk` one. Each is a folder here with a `bench.ts`
 * that exports `run`. They print figures and fail when a result is wrong; no time makes one fail.
 */
const found = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(`${import.meta.dirname}/${entry.name}/bench.ts`))
  .map((entry) => entry.name)
  .sort();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !found.includes(name));
console.log(`benches: ${found.join(', ')}`);
if (unknown.length > 0) {
  console.error(`no such bench: ${unknown.join(', ')}`);
  process.exitCode = 1;
} else {
  for (const name of wanted.length > 0 ? wanted : found) {
    console.log(`\n== ${name}`);
    const bench = (await import(`./${name}/bench.ts`)) as { run: () => Promise<void> };
    await bench.run();
  }
}
