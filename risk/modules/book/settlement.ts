import type { OptionExpiryData } from '../../market/option-data.ts';
import { SECONDS_PER_YEAR } from '../../units/time.ts';

/** In the last hour the settlement forward marks an expiry. */
const SETTLEMENT_SECONDS = 3600;
const LAST_MINUTES_SECONDS = 1800;

/** Beyond what fixed point holds a forward is a fault of its source. */
export const isForward = (value: number) => value >= 1e-18 && value <= 1e30;

/** Forward of an expiry that is `seconds` away: the one settlement converges to in the last hour, where there is one. */
export function settlementMark(
  data: Pick<OptionExpiryData, 'forward' | 'settlementForward'>,
  seconds: number,
): number {
  const { forward, settlementForward } = data;
  if (seconds >= SETTLEMENT_SECONDS || settlementForward === null) return forward;
  return isForward(settlementForward) ? settlementForward : forward;
}

/** In the last 30 minutes settlement is an average that fills up: the share that still moves. */
export function stillMoving(tau: number): number {
  return Math.min(1, Math.max(0, (tau * SECONDS_PER_YEAR) / LAST_MINUTES_SECONDS));
}
