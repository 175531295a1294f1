import { InvalidInputError } from '../../../risk/errors.ts';
import type { Random } from './random.ts';

export interface Range {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/**
 * A plausible path inside one candle: `points` prices at equal distances, the first exactly the open, the last exactly
 * the close, touching high and low exactly and never leaving them. A candle that closed higher more often saw its low
 * first (probability 0.7), and the other way round. The legs are Brownian bridges in log price, reflected at high and
 * low, with the candle's own Garman-Klass volatility.
 * @throws InvalidInputError for fewer than 4 points or a range that does not enclose open and close.
 */
export function intrabarPath(bar: Range, points: number, random: Random): Float64Array {
  if (!Number.isInteger(points) || points < 4)
    throw new InvalidInputError('points', 'must be a whole number, 4 or more');
  const { open, high, low, close } = bar;
  if (!(low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close))) {
    throw new InvalidInputError('bar', 'high and low must enclose open and close, above 0');
  }
  const path = new Float64Array(points);
  const inner = points - 2;
  const first = 1 + Math.floor(random.uniform() * inner);
  let second = 1 + Math.floor(random.uniform() * (inner - 1));
  if (second >= first) second += 1;
  const lowFirst = random.uniform() < (close >= open ? 0.7 : 0.3);
  const [early, late] = first < second ? [first, second] : [second, first];
  const knots: readonly (readonly [number, number])[] = [
    [0, open],
    [early, lowFirst ? low : high],
    [late, lowFirst ? high : low],
    [points - 1, close],
  ];
  const deviation = Math.sqrt(garmanKlass(bar) / (points - 1));
  for (let leg = 0; leg + 1 < knots.length; leg++)
    bridge(path, knots[leg]!, knots[leg + 1]!, deviation, bar, random);
  return path;
}

/** Garman-Klass variance of the candle's log return, without the open gap. */
export function garmanKlass({ open, high, low, close }: Range): number {
  return Math.max(0, 0.5 * Math.log(high / low) ** 2 - (2 * Math.LN2 - 1) * Math.log(close / open) ** 2);
}

/** Fills path between two knots, ends exact; `deviation` is that of the log price over one point. */
function bridge(
  path: Float64Array,
  from: readonly [number, number],
  to: readonly [number, number],
  deviation: number,
  bar: Range,
  random: Random,
): void {
  const top = Math.log(bar.high);
  const bottom = Math.log(bar.low);
  const goal = Math.log(to[1]);
  let at = Math.log(from[1]);
  path[from[0]] = from[1];
  path[to[0]] = to[1];
  for (let index = from[0] + 1; index < to[0]; index++) {
    const left = to[0] - index;
    at += (goal - at) / (left + 1) + deviation * Math.sqrt(left / (left + 1)) * random.normal();
    if (at > top) at = Math.max(bottom, 2 * top - at);
    if (at < bottom) at = Math.min(top, 2 * bottom - at);
    path[index] = Math.min(bar.high, Math.max(bar.low, Math.exp(at)));
  }
}
