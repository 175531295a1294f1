import { curveFraction } from '../../../risk/liquidation/price-curves.ts';
import { Tally } from '../check.ts';
import { jsonFiles, readJson } from '../files.ts';

interface Abaci {
  readonly linear: {
    readonly tau: number;
    readonly top: number;
    readonly points: readonly (readonly number[])[];
  };
  readonly exponential: {
    readonly cut: string;
    readonly top: number;
    readonly points: readonly (readonly number[])[];
    readonly tolAbs: number;
  };
  readonly stairstep: {
    readonly cases: readonly {
      readonly top: string;
      readonly cutPercent: string;
      readonly step: number;
      readonly tolRay: number;
    }[];
  };
}

const SECONDS = 600;

/**
 * Linear and exponential points (the file's absolute tolerance); stairstep against the recurrence price' = price x cut
 * second by second, as upstream, within its tolerance in ray (1e-27) or the float's 1e-13 relative, whichever is wider.
 */
export function run(dir: string) {
  const tally = new Tally('maker-abaci', { relative: 1e-12 });
  for (const given of jsonFiles(dir).map((file) => readJson<Abaci>(dir, file))) {
    const { linear, exponential, stairstep } = given;
    for (const [seconds, price] of linear.points) {
      tally.case(`linear ${seconds}`, (near) => {
        const fraction = curveFraction({ kind: 'linear', durationSeconds: linear.tau }, seconds!);
        near('price', linear.top * fraction, price!, { relative: 1e-12, absolute: 1e-9 });
      });
    }
    for (const [seconds, price] of exponential.points) {
      tally.case(`exponential ${seconds}`, (near) => {
        const fraction = curveFraction({ kind: 'exponential', cut: Number(exponential.cut) }, seconds!);
        near('price', exponential.top * fraction, price!, { relative: 0, absolute: exponential.tolAbs });
      });
    }
    for (const { top, cutPercent, step, tolRay } of stairstep.cases) {
      tally.case(`stairstep ${top} ${cutPercent} ${step}`, (near) => {
        const cut = 1 - Number(cutPercent) / 100;
        let expected = Number(top);
        for (let second = 0; second <= SECONDS; second++) {
          if (second > 0 && second % step === 0) expected *= cut;
          const actual = Number(top) * curveFraction({ kind: 'stairstep', cut, stepSeconds: step }, second);
          near(`second ${second}`, actual, expected, { relative: 1e-13, absolute: tolRay * 1e-27 });
        }
      });
    }
  }
  return tally.result();
}
