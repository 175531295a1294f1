import { InvalidInputError } from '../../risk/errors.ts';
import type { UnixMs } from '../../risk/units/time.ts';

/** Before any payment is known: the exchange's default rate. */
export const DEFAULT_FUNDING_RATE = 1e-4;
const RECENT_PAYMENTS = 21;
const LARGEST_BPS = 30;

/** Funding payments as the columns see them: only those stamped at or before the decision time. */
export class FundingSeries {
  private readonly times: number[] = [];
  private readonly rates: number[] = [];

  constructor(payments: readonly { readonly tsMs: UnixMs; readonly rate: number }[] = []) {
    for (const payment of payments) this.push(payment);
  }

  push(payment: { readonly tsMs: UnixMs; readonly rate: number }): void {
    if (!(payment.tsMs > (this.times.at(-1) ?? Number.NEGATIVE_INFINITY)) || !Number.isFinite(payment.rate)) {
      throw new InvalidInputError(
        'funding',
        `payment at ${payment.tsMs} does not follow the last or has no rate`,
      );
    }
    this.times.push(payment.tsMs);
    this.rates.push(payment.rate);
  }

  /** Whether any payment is known at the decision time. */
  begunBy(decisionMs: UnixMs): boolean {
    return this.known(decisionMs) > 0;
  }

  /** Stamp of the last payment known at the decision time; null while there is none. */
  lastPaidMs(decisionMs: UnixMs): UnixMs | null {
    return this.times[this.known(decisionMs) - 1] ?? null;
  }

  /** Last paid rate in basis points, clipped to +-30. */
  lastBps(decisionMs: UnixMs): number {
    return clip(this.rates[this.known(decisionMs) - 1] ?? DEFAULT_FUNDING_RATE);
  }

  /** Mean of the last 21 payments in basis points, clipped to +-30. */
  recentBps(decisionMs: UnixMs): number {
    const end = this.known(decisionMs);
    const from = Math.max(0, end - RECENT_PAYMENTS);
    if (end === 0) return clip(DEFAULT_FUNDING_RATE);
    let sum = 0;
    for (let at = from; at < end; at++) sum += this.rates[at]!;
    return clip(sum / (end - from));
  }

  /** Payments stamped at or before `decisionMs`. */
  private known(decisionMs: UnixMs): number {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.times[middle]! <= decisionMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function clip(rate: number): number {
  return Math.min(Math.max(rate * 1e4, -LARGEST_BPS), LARGEST_BPS);
}
