import { bucketGridMargin } from '../../../risk/modules/scenario/bucket-grid.ts';
import { SECONDS_PER_YEAR } from '../../../risk/units/time.ts';
import { type Near, Tally } from '../check.ts';
import { jsonFiles, readJson } from '../files.ts';

type Group = Readonly<Record<string, number>>;
interface Vector {
  readonly standard: readonly number[];
  readonly extended: readonly number[];
}
interface Case {
  readonly currency?: string;
  readonly request?: { readonly currency: string };
  readonly model_params: {
    readonly general: Group;
    readonly currency_pair: Readonly<Record<string, Group>>;
    readonly currency: Readonly<Record<string, Group>>;
  };
  readonly portfolio: Group;
  readonly index_price: Group;
  readonly initial_risk_vectors?: Readonly<Record<string, Vector>>;
  readonly pre_aggregated_risk_vectors?: Readonly<Record<string, Vector>>;
  readonly aggregated_risk_vectors: Readonly<Record<string, Vector>>;
  readonly margins: Readonly<
    Record<
      string,
      {
        readonly initial_margin: number;
        readonly maintenance_margin: number;
        readonly initial_margin_details: Readonly<
          Record<'open_orders_margin' | 'mmp_margin' | 'spot_margin' | 'risk_matrix_margin', number>
        > & {
          readonly risk_matrix_margin_details: Readonly<Record<'worst_case' | 'roll_shock', number>> & {
            readonly worst_case_bucket: { readonly index: number };
          };
        };
      }
    >
  >;
}

/** `BTC-28JUN24` expires at 08:00 UTC of that day; the perpetual never. */
function tauOf(instrument: string, nowMs: number): number | null {
  const date = /-(\d{1,2})([A-Z]{3})(\d{2})$/.exec(instrument);
  if (!date) return null;
  return (Date.parse(`${date[1]} ${date[2]} 20${date[3]} 08:00 UTC`) - nowMs) / 1000 / SECONDS_PER_YEAR;
}

function compare(near: Near, what: string, actual: Vector | undefined, expected: Vector): void {
  for (const part of ['standard', 'extended'] as const) {
    expected[part].forEach((value, i) => {
      near(`${what} ${part} ${i}`, actual?.[part][i] ?? Number.NaN, value);
    });
  }
}

/** Vectors and margins within 1e-12 coin, the printed digits. */
export function run(dir: string) {
  const tally = new Tally('deribit-pme', { relative: 1e-12, absolute: 1e-12 });
  for (const file of jsonFiles(dir)) {
    tally.case(file, (near) => {
      const given = readJson<Case>(dir, file);
      const coin = (given.currency ?? given.request!.currency).toLowerCase();
      const { general } = given.model_params;
      const pair = given.model_params.currency_pair[`${coin}_usd`]!;
      const own = given.model_params.currency[coin]!;
      const expected = given.margins[coin]!;
      const details = expected.initial_margin_details;
      const result = bucketGridMargin(
        Object.entries(given.portfolio).map(([id, size]) => ({
          id,
          size,
          tau: tauOf(id, general.timestamp!),
        })),
        given.index_price[`${coin}_usd`]!,
        {
          priceRange: pair.price_range!,
          buckets: general.buckets_count!,
          volatilityScenarios: general.vol_scenarios_count!,
          pnlOffset: own.pnl_offset!,
          extendedDampener: own.extended_dampener!,
          annualisedMove: own.annualised_move_risk!,
          minimumMove: own.min_annualised_move!,
          maintenanceFactor: general.mm_factor!,
        },
        {
          openOrders: details.open_orders_margin,
          marketMakerProtection: details.mmp_margin,
          spot: details.spot_margin,
        },
      );
      for (const [id, vector] of Object.entries(given.initial_risk_vectors ?? {})) {
        compare(near, id, result.vectors.get(id), vector);
      }
      const before = given.pre_aggregated_risk_vectors?.[`${coin}_${coin}`];
      if (before) compare(near, 'sum', result.sum, before);
      compare(near, 'aggregated', result.aggregated, given.aggregated_risk_vectors[`${coin}_${coin}`]!);
      near('worst case', result.worstCase, details.risk_matrix_margin_details.worst_case);
      const { index } = details.risk_matrix_margin_details.worst_case_bucket;
      near('worst index', result.worstIndex + 1, index);
      near('roll shock', result.rollShock, details.risk_matrix_margin_details.roll_shock);
      near('risk matrix', result.riskMatrix, details.risk_matrix_margin);
      near('initial', result.initial, expected.initial_margin);
      near('maintenance', result.maintenance, expected.maintenance_margin);
    });
  }
  return tally.result();
}
