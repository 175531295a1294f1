import { historicalTail } from '../../../risk/statistics/historical.ts';
import { Tally } from '../check.ts';
import { readCsv } from '../files.ts';

const keyOf = (row: Readonly<Record<string, string>>) => `${row.Portfolio}/${row.RiskClass}/${row.RiskType}`;

/** Every quantile and expected shortfall to the six printed decimals. */
export function run(dir: string) {
  const tally = new Tally('ore-histsim-var', { relative: 1e-12, absolute: 1e-6 });
  const series = new Map<string, number[]>();
  for (const row of readCsv(dir, 'historical_PnL.csv')) {
    const values = series.get(keyOf(row)) ?? [];
    values.push(Number(row.PLAmount));
    series.set(keyOf(row), values);
  }
  for (const row of readCsv(dir, 'var.csv')) {
    for (const [column, value] of Object.entries(row)) {
      const [kind, p] = column.split('_');
      if (kind !== 'Quantile' && kind !== 'ExpectedShortfall') continue;
      tally.case(`${keyOf(row)} ${column}`, (near) => {
        const tail = historicalTail(series.get(keyOf(row)) ?? [], Number(p));
        near(column, kind === 'Quantile' ? tail.quantile : tail.expectedShortfall, Number(value));
      });
    }
  }
  return tally.result();
}
