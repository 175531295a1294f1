import { type DeltaGamma, deltaGammaNormalVar } from '../../../risk/statistics/delta-gamma.ts';
import { Tally } from '../check.ts';
import { readCsv, readJson, readText } from '../files.ts';

/** Risk class and type of a factor by the name of its curve or surface. */
const CLASSES: Readonly<Record<string, readonly [riskClass: string, riskType: string]>> = {
  DiscountCurve: ['InterestRate', 'DeltaGamma'],
  IndexCurve: ['InterestRate', 'DeltaGamma'],
  YieldCurve: ['InterestRate', 'DeltaGamma'],
  SwaptionVolatility: ['InterestRate', 'Vega'],
  OptionletVolatility: ['InterestRate', 'Vega'],
  FXSpot: ['FX', 'DeltaGamma'],
  FXVolatility: ['FX', 'Vega'],
  EquitySpot: ['Equity', 'DeltaGamma'],
  EquityVolatility: ['Equity', 'Vega'],
  DividendYield: ['Equity', 'DeltaGamma'],
  SurvivalProbability: ['Credit', 'DeltaGamma'],
  CDSVolatility: ['Credit', 'Vega'],
  BaseCorrelation: ['Credit', 'Vega'],
  SecuritySpread: ['Credit', 'DeltaGamma'],
  ZeroInflationCurve: ['Inflation', 'DeltaGamma'],
  YoYInflationCurve: ['Inflation', 'DeltaGamma'],
};

interface Sensitivity {
  readonly factors: readonly string[];
  readonly portfolios: readonly string[];
  readonly delta: number;
  readonly gamma: number;
}

/** `DiscountCurve/EUR/5/1Y` without its tenor label. */
const factorOf = (name: string) => name.split('/').slice(0, 3).join('/');

function covarianceOf(dir: string): Map<string, number> {
  const entries = new Map<string, number>();
  for (const row of readText(dir, 'covariance.csv').split('\n')) {
    const [one, two, value] = row.trim().split(/\s+/);
    if (!one || !two || value === undefined) continue;
    entries.set(`${factorOf(one)}\n${factorOf(two)}`, Number(value));
    entries.set(`${factorOf(two)}\n${factorOf(one)}`, Number(value));
  }
  return entries;
}

function bookOf(rows: readonly Sensitivity[], covariance: ReadonlyMap<string, number>): DeltaGamma {
  const factors = [...new Set(rows.flatMap((row) => row.factors))];
  const n = factors.length;
  const delta = new Float64Array(n);
  const gamma = new Float64Array(n * n);
  for (const row of rows) {
    const [i, j] = [factors.indexOf(row.factors[0]!), factors.indexOf(row.factors.at(-1)!)];
    if (row.factors.length === 1) delta[i] = delta[i]! + row.delta;
    gamma[i * n + j] = gamma[i * n + j]! + row.gamma;
    if (i !== j) gamma[j * n + i] = gamma[j * n + i]! + row.gamma;
  }
  const omega = Float64Array.from({ length: n * n }, (_, k) => {
    return covariance.get(`${factors[Math.floor(k / n)]}\n${factors[k % n]}`) ?? 0;
  });
  return { delta, gamma, omega };
}

/** Every quantile within 1e-6 relative (the README's script: 3e-7 where mean and quantile cancel), or half a printed digit. */
export function run(dir: string) {
  const tally = new Tally('ore-parametric-var', { relative: 1e-6, absolute: 1e-6 });
  const portfolios = readJson<Readonly<Record<string, readonly string[]>>>(dir, 'trade_portfolios.json');
  const covariance = covarianceOf(dir);
  const rows: Sensitivity[] = readCsv(dir, 'sensitivity.csv').map((row) => ({
    factors: [row.Factor_1!, row.Factor_2!].filter((name) => name !== '').map(factorOf),
    portfolios: portfolios[row.TradeId!] ?? [],
    delta: Number(row.Delta),
    gamma: Number(row.Gamma),
  }));
  const within = (factor: string, riskClass: string, riskType: string) => {
    const known = CLASSES[factor.split('/')[0]!];
    if (!known) throw new Error(`unknown risk factor ${factor}`);
    return (riskClass === 'All' || known[0] === riskClass) && (riskType === 'All' || known[1] === riskType);
  };
  for (const expected of readCsv(dir, 'var.csv')) {
    const { Portfolio: portfolio, RiskClass: riskClass, RiskType: riskType } = expected;
    const label = `${portfolio}/${riskClass}/${riskType}`;
    for (const [column, value] of Object.entries(expected)) {
      if (!column.startsWith('Quantile_')) continue;
      tally.case(`${label} ${column}`, (near) => {
        const chosen = rows.filter(
          (row) =>
            row.portfolios.some((name) => portfolio === 'All' || name === portfolio) &&
            row.factors.every((factor) => within(factor, riskClass!, riskType!)),
        );
        const p = Number(column.split('_')[1]);
        near(column, deltaGammaNormalVar(bookOf(chosen, covariance), p), Number(value));
      });
    }
  }
  return tally.result();
}
