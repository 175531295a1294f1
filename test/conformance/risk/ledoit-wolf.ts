import { ledoitWolf, oracleApproximating } from '../../../risk/statistics/shrinkage.ts';
import { Tally } from '../check.ts';
import { readJson, readText } from '../files.ts';

interface Estimate {
  readonly shrinkage: number;
  readonly covariance: readonly (readonly number[])[];
}
interface Expected {
  readonly sets: Readonly<Record<string, { readonly ledoitWolf: Estimate; readonly oas: Estimate }>>;
}

/** Shrinkage and covariance of scikit-learn within 1e-10 relative, both estimators of each data set. */
export function run(dir: string) {
  const tally = new Tally('ledoit-wolf', { relative: 1e-10, absolute: 1e-14 });
  for (const [name, expected] of Object.entries(readJson<Expected>(dir, 'expected.json').sets)) {
    const rows = readText(dir, `${name}.csv`)
      .trim()
      .split('\n')
      .map((line) => line.split(',').map(Number));
    for (const [kind, estimate] of [
      ['ledoitWolf', ledoitWolf],
      ['oas', oracleApproximating],
    ] as const) {
      tally.case(`${name} ${kind}`, (near) => {
        const actual = estimate(rows);
        near('shrinkage', actual.shrinkage, expected[kind].shrinkage);
        expected[kind].covariance.forEach((row, i) => {
          row.forEach((value, j) => {
            near(`covariance ${i},${j}`, actual.covariance[i]![j]!, value);
          });
        });
      });
    }
  }
  return tally.result();
}
