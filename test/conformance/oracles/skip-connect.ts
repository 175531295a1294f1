import { lowerWeightedMedian, median, meetsPowerThreshold } from '../../../oracles/reducers/medians.ts';
import { exactly } from '../../oracles/support/exact.ts';
import { Tally } from '../check.ts';
import { readJson } from '../files.ts';

interface File {
  readonly weightedMedian_computeMedian: readonly { in: readonly [number, number][]; expected: number }[];
  readonly powerThreshold: {
    readonly value: string;
    readonly cases: readonly { submitted: readonly number[]; total: number; included: boolean }[];
  };
  readonly median: readonly { in: readonly number[]; expected: number | null }[];
  readonly weightedMedian_via_Median: readonly {
    prices: readonly number[];
    stake: readonly number[];
    total: number;
    expected: number;
  }[];
}

/** Stake-weighted lower medians, the power threshold and the plain median: exact. */
export function run(dir: string) {
  const tally = new Tally('skip-connect', { relative: 0 });
  const file = readJson<File>(dir, 'medians.json');
  const threshold = Number(file.powerThreshold.value);
  file.weightedMedian_computeMedian.forEach((row, index) => {
    tally.case(`weighted ${index + 1}`, (near) => {
      const values = row.in.map(([value, weight]) => ({ value, weight }));
      exactly(near, 'median', lowerWeightedMedian(values), row.expected);
    });
  });
  file.powerThreshold.cases.forEach(({ submitted, total, included }, index) => {
    tally.case(`threshold ${index + 1}`, (near) => {
      const sum = submitted.reduce((left, right) => left + right, 0);
      exactly(near, 'included', meetsPowerThreshold(sum, total, threshold), included);
    });
  });
  file.median.forEach((row, index) => {
    tally.case(`plain ${index + 1}`, (near) => exactly(near, 'median', median(row.in), row.expected));
  });
  file.weightedMedian_via_Median.forEach(({ prices, stake, total, expected }, index) => {
    tally.case(`by stake ${index + 1}`, (near) => {
      const values = prices.map((value, position) => ({ value, weight: stake[position]! }));
      const sum = stake.reduce((left, right) => left + right, 0);
      exactly(near, 'power suffices', meetsPowerThreshold(sum, total, threshold), true);
      exactly(near, 'median', lowerWeightedMedian(values), expected);
    });
  });
  return tally.result();
}
