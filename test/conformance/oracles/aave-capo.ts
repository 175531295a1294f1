import { capRatio, maxGrowthPerSecondScaled, maxRatio } from '../../../oracles/guards/growth-cap.ts';
import { exactly } from '../../oracles/support/exact.ts';
import { Tally } from '../check.ts';
import { readJson } from '../files.ts';

interface File {
  readonly unit: readonly {
    snapshotRatio: string;
    maxYearlyPctBps: number;
    expect_getMaxRatioGrowthPerSecondScaled: string;
    expect_getMaxRatioGrowthPerSecond: string;
  }[];
}

const YEAR = 31_536_000;

/** The figures given, and the rule: linear growth from the snapshot, one-sided. */
export function run(dir: string) {
  const tally = new Tally('aave-capo', { relative: 0 });
  readJson<File>(dir, 'capo.json').unit.forEach((row, index) => {
    const ratio = BigInt(row.snapshotRatio);
    const snapshot = { ratio, takenAtSeconds: 1000, maxYearlyGrowthBps: row.maxYearlyPctBps };
    const scaled = BigInt(row.expect_getMaxRatioGrowthPerSecondScaled);
    tally.case(`growth ${index + 1}`, (near) => {
      exactly(near, 'scaled', maxGrowthPerSecondScaled(snapshot), scaled);
      exactly(
        near,
        'whole',
        maxGrowthPerSecondScaled(snapshot) / 1_000_000n,
        BigInt(row.expect_getMaxRatioGrowthPerSecond),
      );
    });
    tally.case(`rule ${index + 1}`, (near) => {
      const limit = ratio + (scaled * BigInt(YEAR)) / 1_000_000n;
      exactly(near, 'after a year', maxRatio(snapshot, 1000 + YEAR), limit);
      exactly(near, 'at the limit', capRatio(snapshot, limit, 1000 + YEAR).capped, false);
      exactly(near, 'above the limit', capRatio(snapshot, limit + 1n, 1000 + YEAR).ratio, limit);
      exactly(near, 'binds', capRatio(snapshot, limit + 1n, 1000 + YEAR).capped, true);
      exactly(near, 'no lower bound', capRatio(snapshot, 1n, 1000 + YEAR).ratio, 1n);
      exactly(near, 'nothing below zero', capRatio(snapshot, -1n, 1000).ratio, 0n);
    });
  });
  return tally.result();
}
