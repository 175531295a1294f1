import { describe, expect, it } from 'vitest';
import type { ConformanceResult } from '../../conformance/check.ts';
import { noVectors, vectorsOf } from '../../conformance/files.ts';
import { run as aaveCapo } from '../../conformance/oracles/aave-capo.ts';
import { run as bandMedian } from '../../conformance/oracles/band-median.ts';
import { run as compound } from '../../conformance/oracles/compound-open-oracle.ts';
import { run as drift } from '../../conformance/oracles/drift-oracle-validity.ts';
import { run as liquity } from '../../conformance/oracles/liquity-pricefeed.ts';
import { run as redstone } from '../../conformance/oracles/redstone-medians.ts';
import { run as skipConnect } from '../../conformance/oracles/skip-connect.ts';
import { run as synthetix } from '../../conformance/oracles/synthetix-oracle-manager.ts';

type Runner = (dir: string) => ConformanceResult | Promise<ConformanceResult>;

/** Set, runner, and how many cases it has: a set that lost its cases must not pass. */
const SETS: readonly (readonly [string, Runner, number])[] = [
  ['synthetix-oracle-manager', synthetix, 24],
  ['band-median', bandMedian, 6],
  ['skip-connect', skipConnect, 16],
  ['redstone-medians', redstone, 10],
  ['drift-oracle-validity', drift, 69],
  ['aave-capo', aaveCapo, 2],
  ['compound-open-oracle', compound, 8],
  ['liquity-pricefeed', liquity, 171],
];

describe.each(SETS)('%s', (set, run, total) => {
  it.skipIf(noVectors(set))('comes out exactly', async () => {
    expect(await run(vectorsOf(set))).toMatchObject({ passed: total, total, failures: [] });
  });
});
