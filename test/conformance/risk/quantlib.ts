import { type DeltaConvention, deltaIn, spotGreeks } from '../../../risk/pricing/black-scholes.ts';
import { Tally } from '../check.ts';
import { jsonFiles, readJson } from '../files.ts';

interface Option {
  readonly type: 'Call' | 'Put';
  readonly strike: number;
  readonly spot: number;
  readonly q: number;
  readonly r: number;
  readonly t: number;
  readonly vol: number;
  readonly value: number;
  readonly greek?: string;
}
interface Haug {
  readonly tolerance: number;
  readonly values: readonly Option[];
  readonly greeks: readonly (Option & { readonly greek: string })[];
}
interface Deltas {
  readonly tolDelta: number;
  readonly rows: readonly {
    readonly type: 'C' | 'P';
    readonly deltaType: string;
    readonly spot: number;
    readonly dDf: number;
    readonly fDf: number;
    readonly stdDev: number;
    readonly strike: number;
    readonly delta: number;
  }[];
}

const CONVENTIONS: Readonly<Record<string, DeltaConvention>> = {
  Spot: 'spot',
  Fwd: 'forward',
  PaSpot: 'premium-adjusted-spot',
  PaFwd: 'premium-adjusted-forward',
};

/** European prices and Greeks (absolute 1e-4, the file's) and deltas by convention (absolute 1e-3, the file's). */
export function run(dir: string) {
  const tally = new Tally('quantlib', { relative: 1e-4 });
  const files = jsonFiles(dir).map((file) => readJson<Partial<Haug & Deltas>>(dir, file));
  for (const haug of files.filter(
    (file): file is Haug => Array.isArray(file.values) && Array.isArray(file.greeks),
  )) {
    const tolerance = { relative: 1e-4, absolute: haug.tolerance };
    const greeksOf = (o: Option) => spotGreeks(o.spot, o.strike, o.t, o.vol, o.r, o.q, o.type === 'Call');
    haug.values.forEach((option, i) => {
      tally.case(`price ${i}`, (near) => near('price', greeksOf(option).price, option.value, tolerance));
    });
    haug.greeks.forEach((option, i) => {
      tally.case(`${option.greek} ${i}`, (near) => {
        const all = greeksOf(option);
        const actual: Readonly<Record<string, number>> = { ...all, thetaPerDay: all.theta / 365 };
        near(option.greek, actual[option.greek] ?? Number.NaN, option.value, tolerance);
      });
    });
  }
  for (const deltas of files.filter((file): file is Deltas => typeof file.tolDelta === 'number')) {
    deltas.rows.forEach((row, i) => {
      tally.case(`delta ${i}`, (near) => {
        const convention = CONVENTIONS[row.deltaType];
        if (!convention) throw new Error(`unknown delta type ${row.deltaType}`);
        const actual = deltaIn(
          convention,
          row.spot,
          row.strike,
          row.stdDev,
          row.dDf,
          row.fDf,
          row.type === 'C',
        );
        near('delta', actual, row.delta, { relative: 1e-4, absolute: deltas.tolDelta });
      });
    });
  }
  return tally.result();
}
