import { describe, expect, it } from 'vitest';
import { crashRows } from '../../../models/backtest/crashes.ts';
import { formatBacktest, markdownBacktest } from '../../../models/backtest/format-backtest.ts';
import { judgeFrontier, judgeGoals } from '../../../models/backtest/goals.ts';
import { htmlReport } from '../../../models/backtest/html-report.ts';
import { PLAIN_MODEL } from '../../../models/backtest/margin-model.ts';
import type { AssetMargins } from '../../../models/backtest/margin-walk.ts';
import { POLICIES } from '../../../models/backtest/policies.ts';
import { scoreMargins } from '../../../models/backtest/score-margins.ts';
import { chartFile, timeChart } from '../../../models/backtest/svg-chart.ts';
import { shortfallOn, tradeOffs } from '../../../models/backtest/trade-off.ts';
import { SIDES } from '../../../models/backtest/trailing-losses.ts';

const DAY = 86_400_000;
const COUNT = 200;
const days = Array.from({ length: COUNT }, (_, d) => Date.UTC(2020, 0, 1) + d * DAY);
const CRASH = 71;
/** Losses of 1 %, one of 40 % on 2020-03-12 and one of 12 % a hundred days later. */
const losses = Float64Array.from(days, (_, d) => (d === CRASH ? 0.4 : d === CRASH + 100 ? 0.12 : 0.01));
/** Historical simulation 10 %; the forecast 5 %, 20 % from the crash day on. Policies: flat multiples, floor at 10 %. */
const margin = (model: string, policy: string, d: number) => {
  const m = model === PLAIN_MODEL ? 0.1 : d >= CRASH ? 0.2 : 0.05;
  if (policy === 'weight25') return 0.75 * m + 0.05;
  if (policy === 'floor') return Math.max(m, 0.1);
  return policy === 'unbuffered' ? m : 1.25 * m;
};
const walk: AssetMargins = {
  asset: 'A<B',
  days,
  losses: { long: losses, short: losses.map((l) => -l) },
  series: [PLAIN_MODEL, 'logHARX168'].flatMap((model) =>
    SIDES.flatMap((side) =>
      POLICIES.map((policy) => ({
        model,
        side,
        policy,
        margins: Float64Array.from(days, (_, d) => margin(model, policy, d)),
      })),
    ),
  ),
};
const scores = scoreMargins(walk);
const curves = tradeOffs(walk);
const find = (model: string, policy: string) =>
  scores.find((one) => one.model === model && one.policy === policy && one.side === 'long')!;

describe('scores and goals by hand', () => {
  it('counts, shortfall and procyclicality', () => {
    const one = find('logHARX168', 'unbuffered');
    expect(one.exceedances).toBe(1);
    expect(one.meanShortfall).toBeCloseTo(0.2 / COUNT, 14);
    expect(one.meanExcess).toBeCloseTo(0.2, 14);
    expect(one.peakTrough).toBeCloseTo(4, 12);
    expect(one.largestRise).toBeCloseTo(3, 12);
    expect(one.passes).toBe(true);
    const mean = (CRASH * 0.05 + (COUNT - CRASH) * 0.2) / COUNT;
    expect(one.meanMargin).toBeCloseTo(mean, 14);
    const scaled = 0.2 * (0.1 / mean);
    expect(one.shortfallAtPlainMean).toBeCloseTo((0.4 - scaled) / COUNT, 12);
    expect(find(PLAIN_MODEL, 'unbuffered').meanShortfall).toBeCloseTo((0.3 + 0.02) / COUNT, 14);
  });

  it('goals name what failed', () => {
    const goals = judgeGoals(scores, curves);
    const goal = (start: string) => goals.find((one) => one.goal.startsWith(start))!;
    // weight25: 0.0875 to 0.2, rise 129 %; buffer25 rises 300 %; the floor 100 %, 0.1 to 0.2.
    expect(goal('buffer25: smaller')).toMatchObject({ held: 0, of: 2 });
    expect(goal('buffer25: smaller').failed).toEqual([
      'A<B long logHARX168 buffer25',
      'A<B short logHARX168 buffer25',
    ]);
    expect(goal('floor: smaller')).toMatchObject({ held: 2, of: 2, failed: [] });
    expect(goal('less shortfall').of).toBe(2);
    expect(goal('of these').of).toBe(2);
    // 8 tests of 4 margins: one exceedance in 200 days, or none, is nothing special (least p: 0.045).
    expect(goal('p-values')).toMatchObject({ held: 8, of: 8 });
    // Short: no loss at all, therefore not less.
    expect(goal('less shortfall').failed).toEqual(['A<B short logHARX168 unbuffered']);
  });

  it('walks the stress weights from the plain margin to the stressed one', () => {
    const [curve] = curves;
    expect(curves.map((one) => one.side)).toEqual(['long', 'short']);
    expect(curve!.points.map((one) => one.weight)).toEqual(Array.from({ length: 21 }, (_, at) => at / 20));
    const find25 = curve!.points[5]!;
    expect(curve!.points[0]!.peakTrough).toBeCloseTo(4, 12);
    expect(find25.peakTrough).toBeCloseTo(find('logHARX168', 'weight25').peakTrough, 12);
    expect(find25.shortfallAtPlainMean).toBeCloseTo(find('logHARX168', 'weight25').shortfallAtPlainMean, 12);
    // The stressed margin is flat at 20 %: nothing left of the cycle.
    expect(curve!.points[20]!.peakTrough).toBeCloseTo(1, 12);
    expect(shortfallOn(curve!, find25.peakTrough)).toBeCloseTo(find25.shortfallAtPlainMean, 12);
    expect(shortfallOn(curve!, 4.1)).toBeNull();
  });

  it('judges a policy against the stress weight that is as little procyclical', () => {
    const judged = (start: string) => judgeGoals(scores, curves).find((one) => one.goal.startsWith(start))!;
    // Floor: 10 to 20 %, as the weight of a third does; both the same on the day of the crash, none better.
    expect(judged('floor: less shortfall')).toMatchObject({ of: 2 });
    expect(judgeGoals(scores, []).find((one) => one.goal.startsWith('floor: less'))!.of).toBe(0);
  });

  it('leaves out the days on which any margin or the loss is missing', () => {
    const holed = {
      ...walk,
      losses: { ...walk.losses, long: losses.map((l, d) => (d === 3 ? Number.NaN : l)) },
    };
    expect(scoreMargins(holed)[0]!.observations).toBe(COUNT - 1);
    const none = walk.series.map((one) => ({ ...one, margins: one.margins.map(() => Number.NaN) }));
    expect(scoreMargins({ ...walk, series: none })).toEqual([]);
  });
});

describe('reports', () => {
  const crashes = crashRows(walk);
  const frontier = ['static', 'logHARX168'].flatMap((margin, m) =>
    [0.1, 0.2, 0.3].map((unnecessary, at) => ({
      asset: 'A<B',
      margin,
      kind: m === 0 ? ('static' as const) : ('dynamic' as const),
      level: [0.1, 0.5, 1][at]!,
      accounts: 100,
      meanCapital: 0.2,
      liquidated: 0.4,
      unnecessary,
      badDebt: (m === 0 ? 4e-3 : 1e-3) / 10 ** at,
      crashes: { '2020-03-12': 1e-4, '2021-05-19': 0, '2022-05': 0, '2022-11': 0, '2024-08-05': 0 },
    })),
  );
  const result = {
    scores,
    crashes,
    tradeOffs: curves,
    frontier,
    goals: [...judgeGoals(scores, curves), ...judgeFrontier(frontier)],
  };

  it('finds the crash days of the range', () => {
    expect(crashes.map((one) => [one.crash, one.loss])).toEqual([['2020-03-12', 0.4]]);
    expect(crashes[0]!.dayMs).toBe(Date.UTC(2020, 2, 12));
    expect(crashes[0]!.margins.find((one) => one.model === PLAIN_MODEL)).toEqual({
      model: PLAIN_MODEL,
      policy: 'unbuffered',
      margin: 0.1,
    });
  });

  it('prints tables', () => {
    const text = formatBacktest(result);
    const line = text.split('\n').find((one) => one.startsWith('logHARX168, unbuffered'))!;
    expect(line.split(/\s{2,}/).slice(1, 3)).toEqual(['200', '1']);
    expect(line).toMatch(/green\s+14\.6\d\s+10\.00\s+\d+\.\d\d\s+4\.00\s+300\s+yes$/);
    expect(text).toMatch(/2020-03-12\s+40\.0\s+10\.0\s+20\.0/);
  });

  it('compares margins at equal shares of unnecessary liquidations, between levels on a logarithmic scale', () => {
    const text = formatBacktest(result);
    // Half-way between 40 and 4 basis points: their geometric mean.
    expect(text).toMatch(/static +40\.00 \(20\.0\) +12\.65 \(20\.0\) +4\.00 \(20\.0\) +1\.26 \(20\.0\)\n/);
    expect(text).toMatch(/logHARX168 +10\.00 \(20\.0\) +3\.16 /);
    expect(text).toMatch(/logHARX168 +0\.5 +20\.0 +40\.0 +20\.0 +1\.00\n/);
    // 40, 4, 0.4 bp at 10, 20, 30 %: 10 bp is 60 % of the way down the first step.
    expect(text).toMatch(/static +11\.2 \(20\.0\) +16\.0 \(20\.0\) +21\.2 \(20\.0\) +26\.0 \(20\.0\)\n/);
    const [less, fewer] = result.goals.slice(-2);
    expect(less).toMatchObject({ held: 4, of: 4, failed: [] });
    expect(less!.goal).toMatch(/^logHARX168: less bad debt than a static margin/);
    // The other curve begins at 10 bp: 30 are not compared.
    expect(fewer).toMatchObject({ held: 3, of: 3, failed: [] });
    expect(fewer!.goal).toMatch(/^logHARX168: fewer unnecessary liquidations/);
  });

  it('writes the same tables as Markdown, under their command', () => {
    const text = markdownBacktest(result, 'npm run backtest');
    expect(text).toContain('Made by `npm run backtest`');
    expect(text).toMatch(/^\| logHARX168, unbuffered \| 200 \| 1 \|/m);
    expect(text).not.toContain('undefined');
  });

  it('writes one page that fetches nothing and escapes names', () => {
    const html = htmlReport([walk], result);
    expect(html).toContain('<h2>A&lt;B</h2>');
    expect(html).not.toMatch(/A<B|<script|https?:|NaN|undefined/);
    expect(html.match(/<svg /g)).toHaveLength(7);
    expect(html.match(/<figure>/g)!.length).toBe(html.match(/<\/figure>/g)!.length);
  });

  it('breaks a line where a margin is missing', () => {
    const line = { name: 'm', colour: 'red', values: [0.1, 0.1, Number.NaN, 0.1] };
    const dots = { name: 'l', colour: 'grey', values: [0.01, 0.5, 0, 0] };
    const svg = chartFile(timeChart('t<', days.slice(0, 4), [line], dots, 0.02, 1));
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 960 322"/);
    expect(svg).toContain('>t&lt;</text>');
    expect(/d="(M[^"]*)" fill="none"/.exec(svg)![1]).toMatch(/^M[\d.]+ [\d.]+L[\d.]+ [\d.]+M[\d.]+ [\d.]+$/);
    expect(svg.match(/h0/g)).toHaveLength(1);
  });
});
