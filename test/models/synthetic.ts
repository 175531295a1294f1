import type { HourlyBar } from '../../models/forecast.ts';
import { seededUniform } from '../../risk/statistics/sequence.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';

/** 2022-01-01T00:00:00Z. */
export const START_MS = 1_640_995_200_000;

/** Hourly bars of a random walk with persistent log variance and a daily season. */
export function syntheticBars(hours: number, seed = 1, startMs = START_MS): HourlyBar[] {
  const next = seededUniform(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const bars: HourlyBar[] = [];
  let close = 1000;
  let state = 0;
  for (let i = 0; i < hours; i++) {
    state = 0.98 * state + 0.2 * normal();
    const sigma = 0.005 * Math.exp(0.5 * state + 0.2 * Math.sin((2 * Math.PI * i) / 24));
    const open = close * Math.exp(0.05 * sigma * normal());
    const path = [open];
    for (let step = 0; step < 6; step++) path.push(path[step]! * Math.exp((sigma / Math.sqrt(6)) * normal()));
    close = path[6]!;
    bars.push({
      tsMs: startMs + i * MS_PER_HOUR,
      open,
      high: Math.max(...path),
      low: Math.min(...path),
      close,
      volume: 100 * Math.exp(0.3 * state + 0.2 * normal()),
    });
  }
  return bars;
}
