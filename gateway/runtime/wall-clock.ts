import type { Clock, UnixMs } from '../../risk/units/time.ts';

/** The machine's own time: market time of live mode. */
export class WallClock implements Clock {
  nowMs(): UnixMs {
    return Date.now();
  }
}
