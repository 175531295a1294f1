import { CENTRE, centralErf, scaledTail } from '../statistics/error-function.ts';
import { fastExp, fastLog } from './elementary.ts';

const CHUNK = 256;
const scratch = () => new Float64Array(CHUNK);
const near = { d: scratch(), density: scratch() };
const far = { d: scratch(), density: scratch() };
/** Where an option finds its tails: a call and a put of one strike that stand side by side share them. */
const slotOf = new Uint16Array(CHUNK);

/** N(d) over the distances in place, by steps as in `option-pricer.ts`. */
function lowerTails({ d, density }: typeof near, count: number): void {
  for (let j = 0; j < count; j++) {
    const x = d[j]!;
    const y = Math.abs(x) * Math.SQRT1_2;
    if (y <= CENTRE) {
      d[j] = 0.5 + 0.5 * centralErf(x * Math.SQRT1_2);
      continue;
    }
    const tail = 0.5 * density[j]! * scaledTail(y);
    d[j] = x > 0 ? 1 - tail : tail;
  }
}

/**
 * Black-76 prices of `count` options on one forward, without Greeks; the same as `fastBlackPrice` for each. `stdDev` is
 * the total volatility of each, vol sqrt(tau); `isCall` 1 or 0. No allocation.
 */
export function blackPrices(
  forward: number,
  df: number,
  strike: Float64Array,
  stdDev: Float64Array,
  isCall: Uint8Array,
  out: Float64Array,
  count: number,
): void {
  for (let start = 0; start < count; start += CHUNK) {
    const size = Math.min(CHUNK, count - start);
    let slots = 0;
    let lastK = Number.NaN;
    let lastS = Number.NaN;
    for (let j = 0; j < size; j++) {
      const K = strike[start + j]!;
      const s = stdDev[start + j]!;
      if (K !== lastK || s !== lastS) {
        const ratio = Math.min(forward, K) / Math.max(forward, K);
        const d1 = fastLog(ratio) / s + s / 2;
        const density = fastExp(-0.5 * d1 * d1);
        near.d[slots] = d1;
        near.density[slots] = density;
        far.d[slots] = d1 - s;
        far.density[slots] = density * ratio;
        slots++;
        lastK = K;
        lastS = s;
      }
      slotOf[j] = slots - 1;
    }
    lowerTails(near, slots);
    lowerTails(far, slots);
    for (let j = 0; j < size; j++) {
      const K = strike[start + j]!;
      const s = stdDev[start + j]!;
      const intrinsic = isCall[start + j] !== 0 ? forward - K : K - forward;
      if (!(s > 0) || K === 0) {
        // 0 x s carries a bad volatility on
        out[start + j] = df * Math.max(0, intrinsic) + 0 * s;
        continue;
      }
      const slot = slotOf[j]!;
      const otm = Math.max(0, Math.min(forward, K) * near.d[slot]! - Math.max(forward, K) * far.d[slot]!);
      out[start + j] = df * (intrinsic > 0 ? intrinsic + otm : otm);
    }
  }
}
