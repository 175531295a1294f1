import type { Clock, UnixMs } from '../../risk/units/time.ts';

/** Market time of live mode: the machine's own time. */
export class WallClock implements Clock {
  nowMs(): UnixMs {
    return Date.now();
  }
}
