import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const beside = (path: string) => fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));

/** Says once, before the tests, which of them will be skipped for want of files beside the project, and why. */
export default function announceSkips(): void {
  for (const [path, what] of [
    ['vectors', 'tests against published expected numbers'],
    ['data', 'tests on real market data'],
  ] as const) {
    if (!existsSync(beside(path)))
      process.stdout.write(`SKIPPED: ${what}: no ../shared/${path} beside the project\n`);
  }
}
