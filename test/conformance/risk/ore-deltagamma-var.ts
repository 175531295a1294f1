import {
  cornishFisherVar,
  type DeltaGamma,
  diagonalise,
  saddlepointVar,
} from '../../../risk/statistics/delta-gamma.ts';
import { historicalTail } from '../../../risk/statistics/historical.ts';
import { flatten } from '../../../risk/statistics/matrix.ts';
import { inverseNormal } from '../../../risk/statistics/normal.ts';
import { seededUniform } from '../../../risk/statistics/sequence.ts';
import { Tally } from '../check.ts';
import { jsonFiles, readJson } from '../files.ts';

interface Case {
  readonly name: string;
  readonly delta: readonly number[];
  readonly omega?: readonly (readonly number[])[];
  readonly gamma?: readonly (readonly number[])[];
  readonly omegaRowMajor?: readonly number[];
  readonly gammaDiag?: readonly number[];
  readonly p: number;
  readonly cornishFisher?: number;
  readonly tol?: number;
  readonly exactChi2?: number;
  readonly tolSaddlepoint?: number;
  readonly saddlepointRef?: string;
  readonly relTolPct?: number;
  readonly check?: string;
}

function bookOf(given: Case): DeltaGamma {
  const n = given.delta.length;
  const diagonal = new Float64Array(n * n);
  given.gammaDiag?.forEach((value, i) => {
    diagonal[i * n + i] = value;
  });
  return {
    delta: Float64Array.from(given.delta),
    gamma: given.gamma ? flatten(given.gamma) : diagonal,
    omega: given.omega ? flatten(given.omega) : Float64Array.from(given.omegaRowMajor ?? []),
  };
}

/** 99 % quantile of one million seeded draws. */
function simulated(book: DeltaGamma, p: number): number {
  const { linear, quadratic } = diagonalise(book);
  const uniform = seededUniform(7);
  const pnl = Float64Array.from({ length: 1_000_000 }, () => {
    let sum = 0;
    for (let i = 0; i < linear.length; i++) {
      const z = inverseNormal(uniform() + 2 ** -34);
      sum += linear[i]! * z + 0.5 * quadratic[i]! * z * z;
    }
    return sum;
  });
  return historicalTail(pnl, p).quantile;
}

/** Tolerances are those of each case; the last one is checked against simulation within its 0.5 %. */
export function run(dir: string) {
  const tally = new Tally('ore-deltagamma-var', { relative: 1e-6 });
  for (const given of jsonFiles(dir).flatMap(
    (file) => readJson<{ readonly cases: readonly Case[] }>(dir, file).cases,
  )) {
    const book = bookOf(given);
    const saddle = () => saddlepointVar(book, given.p);
    if (given.cornishFisher !== undefined) {
      tally.case(`${given.name}: Cornish-Fisher`, (near) => {
        const absolute = given.tol ?? 0;
        near('VaR', cornishFisherVar(book, given.p), given.cornishFisher!, { relative: 0, absolute });
      });
    }
    if (given.exactChi2 !== undefined) {
      tally.case(`${given.name}: saddlepoint`, (near) => {
        near('VaR', saddle(), given.exactChi2!, { relative: 0, absolute: given.tolSaddlepoint ?? 0 });
      });
    }
    if (given.saddlepointRef !== undefined) {
      tally.case(`${given.name}: saddlepoint`, (near) => {
        // 0.5 x variance x the 99 % quantile of chi-square with one degree of freedom
        const chi = inverseNormal((1 + given.p) / 2) ** 2;
        near('VaR', saddle(), 0.5 * book.omega[0]! * book.gamma[0]! * chi, {
          relative: (given.relTolPct ?? 0) / 100,
        });
      });
    }
    if (given.check !== undefined) {
      tally.case(`${given.name}: ${given.check}`, (near) => {
        near('VaR', saddle(), simulated(book, given.p), { relative: 0.005 });
      });
    }
  }
  return tally.result();
}
