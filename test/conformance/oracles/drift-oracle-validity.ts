import {
  markDiverges,
  markSpreadPpm,
  mayServe,
  VALIDITY,
  type Validity,
  validityOf,
} from '../../../oracles/guards/validity.ts';
import { exactly } from '../../oracles/support/exact.ts';
import { Tally } from '../check.ts';
import { readJson } from '../files.ts';

interface File {
  readonly guardRails: {
    readonly slots_before_stale_for_amm: number;
    readonly slots_before_stale_for_margin: number;
    readonly confidence_interval_max_size: string;
    readonly too_volatile_ratio: number;
  };
  readonly precedence: readonly string[];
  readonly cases: readonly {
    price: number;
    conf: number;
    delay: number;
    twap?: number;
    twap5m?: number;
    expect: string;
    spread_pct_1e6?: number;
    mark_too_divergent?: boolean;
  }[];
  readonly action_matrix: Readonly<Record<string, readonly string[]>>;
}

const NAMES: Readonly<Record<string, Validity>> = {
  NonPositive: 'non-positive',
  TooVolatile: 'too-volatile',
  TooUncertain: 'too-uncertain',
  StaleForMargin: 'stale-for-margin',
  InsufficientDataPoints: 'insufficient-data',
  StaleForAMM: 'stale-for-amm',
  Valid: 'valid',
};
const ACTIONS: Readonly<Record<string, string>> = {
  FillOrderAmmImmediate: 'fill-amm-immediate',
  FillOrderAmmLowRisk: 'fill-amm-low-risk',
  UpdateFunding: 'update-funding',
  OracleOrderPrice: 'oracle-order-price',
  MarginCalc: 'margin-calculation',
  SettlePnl: 'settle-pnl',
  'TriggerOrder/Liquidate': 'trigger-or-liquidate',
  FillOrderMatch: 'fill-match',
  'UpdateTwap/UpdateAMMCurve': 'update-average',
};
/** Not in the file: equal reserves at a peg of 33 in the source's test, and its average before it is set to 21. */
const MARK = 33_000_000n;
const FIRST_AVERAGE = 31.999;

const micro = (value: number): bigint => BigInt(Math.round(value * 1e6));

/** Classes allowed by a row of the matrix: a list, or all except some. */
function allowedBy(row: readonly string[]): ReadonlySet<Validity> {
  const [first = ''] = row;
  if (!first.startsWith('all except')) return new Set(row.map((name) => NAMES[name.replace(/\{.*\}/, '')]!));
  const excluded = first
    .replace('all except', '')
    .split(',')
    .map((name) => NAMES[name.trim()]!);
  return new Set(VALIDITY.filter((validity) => !excluded.includes(validity)));
}

/** Classes of the cases, their order, and every cell of the action matrix: exact. */
export function run(dir: string) {
  const tally = new Tally('drift-oracle-validity', { relative: 0 });
  const file = readJson<File>(dir, 'validity.json');
  const { guardRails } = file;
  const limits = {
    slotsBeforeStaleForAmm: guardRails.slots_before_stale_for_amm,
    slotsBeforeStaleForMargin: guardRails.slots_before_stale_for_margin,
    maxConfidencePpm: BigInt(guardRails.confidence_interval_max_size.split('/')[0]!),
    tooVolatileRatio: BigInt(guardRails.too_volatile_ratio),
  };
  file.cases.forEach((row, index) => {
    tally.case(`case ${index + 1}`, (near) => {
      const validity = validityOf(
        {
          price: micro(row.price),
          confidence: micro(row.conf),
          averagePrice: micro(row.twap ?? FIRST_AVERAGE),
          delaySlots: row.delay,
          enoughData: true,
        },
        limits,
      );
      const expected = /StaleForAMM/.test(row.expect) ? 'StaleForAMM' : row.expect;
      exactly(near, 'class', validity as string, NAMES[expected]!);
      if (row.twap5m === undefined) return;
      const spread = markSpreadPpm(MARK, micro(row.twap5m));
      if (row.spread_pct_1e6 !== undefined) exactly(near, 'spread', spread, BigInt(row.spread_pct_1e6));
      exactly(near, 'divergent', markDiverges(spread, 1n), row.mark_too_divergent!);
    });
  });
  tally.case('order of the classes', (near) =>
    exactly(near, 'order', VALIDITY.join(), file.precedence.map((name) => NAMES[name]).join()),
  );
  for (const [action, row] of Object.entries(file.action_matrix)) {
    const allowed = allowedBy(row);
    for (const validity of VALIDITY) {
      tally.case(`${action} with ${validity}`, (near) =>
        exactly(near, 'allowed', mayServe(ACTIONS[action]!, validity), allowed.has(validity)),
      );
    }
  }
  return tally.result();
}
