import { closestToMedian, median } from '../../../oracles/reducers/medians.ts';
import { exactly } from '../../oracles/support/exact.ts';
import { Tally } from '../check.ts';
import { readJson } from '../files.ts';

interface File {
  readonly median: readonly { in: readonly number[]; out: number }[];
  readonly pickClosestToMedian: readonly {
    in: readonly (readonly number[])[];
    count: number;
    out: readonly (readonly number[])[];
  }[];
}

/** Plain medians and the vectors nearest to them: exact. */
export function run(dir: string) {
  const tally = new Tally('redstone-medians', { relative: 0 });
  const file = readJson<File>(dir, 'medians.json');
  file.median.forEach((row, index) => {
    tally.case(`median ${index + 1}`, (near) => exactly(near, 'median', median(row.in), row.out));
  });
  file.pickClosestToMedian.forEach((row, index) => {
    tally.case(`closest ${index + 1}`, (near) =>
      exactly(near, 'vectors', JSON.stringify(closestToMedian(row.in, row.count)), JSON.stringify(row.out)),
    );
  });
  return tally.result();
}
