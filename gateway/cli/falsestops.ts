/**
 * `npm run falsestops -- --data DIR`: the default configuration over the closes of several venues, hour by hour. An
 * hour in which at least three venues lie within 50 bp of each other counts as agreed; printed is in how many of
 * them `margin` or `liquidate` is refused. Exit code 1 when that is more than 0.1 % for the majors.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { AssetClass } from '../../oracles/config/classes.ts';
import { defaultsHash } from '../../oracles/config/config-hash.ts';
import { BreakwaterError, InvalidInputError } from '../../risk/errors.ts';
import { countAgreedHours, MIN_VENUES, type YearCount } from './agreed-hours.ts';
import { hourCloses, venueFiles } from './venue-files.ts';

const GOAL_SHARE = 0.001;
const MAJORS = ['BTC', 'ETH', 'SOL', 'XRP', 'ADA', 'AVAX', 'BCH', 'LINK', 'LTC'];
const STABLES = ['USDC', 'USDT', 'DAI', 'USDE', 'BUSD', 'TUSD', 'FDUSD'];

function classOf(asset: string): AssetClass {
  if (MAJORS.includes(asset)) return 'major';
  return STABLES.includes(asset) ? 'stable' : 'longtail';
}

const WIDTHS = [8, 6, 10, 10, 10, 12, 10, 10];
const row = (cells: readonly (string | number)[]): string =>
  cells
    .map((cell, index) => String(cell).padEnd(WIDTHS[index] ?? 0))
    .join('')
    .trimEnd();

const share = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((100 * part) / whole).toFixed(4)} %`;

function show(label: readonly [string, string], counts: readonly YearCount[]): void {
  const sum = (pick: (count: YearCount) => number): number =>
    counts.reduce((total, count) => total + pick(count), 0);
  const agreed = sum((count) => count.agreed);
  const refused = sum((count) => count.refused);
  const reasons = new Map<string, number>();
  for (const count of counts) {
    for (const [code, times] of count.reasons) reasons.set(code, (reasons.get(code) ?? 0) + times);
  }
  const why = [...reasons].map(([code, times]) => `${code} ${times}`).join(', ');
  console.log(
    row([
      ...label,
      sum((count) => count.hours),
      agreed,
      sum((count) => count.marginRefused),
      sum((count) => count.liquidateRefused),
      refused,
      share(refused, agreed),
      why,
    ]),
  );
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { data: { type: 'string' } } });
  if (values.data === undefined) throw new InvalidInputError('data', 'give the folder of the candle files');
  const assets = venueFiles(resolve(values.data), MIN_VENUES);
  console.log(row(['asset', 'year', 'hours', 'agreed', 'margin', 'liquidate', 'either', 'share', 'reasons']));
  const majors: YearCount[] = [];
  for (const [asset, files] of assets) {
    const venues = [];
    for (const file of files) venues.push({ name: file.venue, closes: await hourCloses(file) });
    const counts = countAgreedHours(asset, classOf(asset), venues);
    for (const count of counts) show([asset, String(count.year)], [count]);
    show([asset, 'all'], counts);
    if (classOf(asset) === 'major') majors.push(...counts);
  }
  show(['majors', 'all'], majors);
  console.log(`configuration ${defaultsHash()}`);
  const agreed = majors.reduce((total, count) => total + count.agreed, 0);
  const refused = majors.reduce((total, count) => total + count.refused, 0);
  const met = agreed > 0 && refused <= agreed * GOAL_SHARE;
  console.log(`${met ? 'met' : 'not met'}: ${refused} of ${agreed} agreed hours of majors refused`);
  return met ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof BreakwaterError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
