import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConformanceResult } from '../conformance/check.ts';
import { noVectors, vectorsOf } from '../conformance/files.ts';

/** Cases that each set holds: a runner that reads fewer has lost some. */
const CASES: Readonly<Record<string, number>> = {
  quantlib: 68,
  'deribit-marks': 5,
  'derive-liquidation': 26,
  'derive-srm': 28,
  drift: 47,
  'dydx-v4': 53,
  'maker-abaci': 26,
  'deribit-pme': 2,
  'ledoit-wolf': 8,
  'ore-deltagamma-var': 4,
  'ore-histsim-var': 48,
  'ore-parametric-var': 112,
  'ore-stoplight': 389,
  'span-example': 3,
  'derive-pmrm1': 21,
  'derive-pmrm2': 105,
};

const folder = join(import.meta.dirname, '../conformance/risk');
const sets = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

describe.each(sets)('vectors %s', (set) => {
  it.skipIf(noVectors(set))('are met, all of them', async () => {
    const runner = (await import(join(folder, `${set}.ts`))) as { run: (dir: string) => ConformanceResult };
    const result = runner.run(vectorsOf(set));
    expect(result.failures).toEqual([]);
    expect(result.total).toBe(CASES[set]);
    expect(result.passed).toBe(result.total);
  });
});
