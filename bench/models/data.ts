import type { HourlyBar } from '../../models/forecast.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';
import { seeded } from '../timing.ts';

/** 2015-01-01T00:00:00Z: room for 100,000 hours. */
export const BENCH_START_MS = 1_420_070_400_000;

/** Hourly bars of a random walk with persistent variance; the same on every machine. */
export function benchBars(hours: number, seed: number): HourlyBar[] {
  const next = seeded(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const bars: HourlyBar[] = [];
  let close = 1000;
  let state = 0;
  for (let i = 0; i < hours; i++) {
    state = 0.98 * state + 0.2 * normal();
    const sigma = 0.004 * Math.exp(0.5 * state + 0.2 * Math.sin((2 * Math.PI * i) / 24));
    const open = close;
    const path = [open];
    for (let step = 0; step < 4; step++) path.push(path[step]! * Math.exp((sigma / 2) * normal()));
    close = path[4]!;
    const volume = 100 * Math.exp(0.3 * state + 0.2 * normal());
    bars.push({
      tsMs: BENCH_START_MS + i * MS_PER_HOUR,
      open,
      high: Math.max(...path),
      low: Math.min(...path),
      close,
      volume,
    });
  }
  return bars;
}
