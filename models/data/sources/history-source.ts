import type { UnixMs } from '../../../risk/units/time.ts';
import type { FundingPayment } from '../funding-file.ts';
import type { CleanBars } from './clean-bars.ts';

/** Hourly candles of the past over HTTP. */
export interface CandleSource {
  readonly name: string;
  /** Hours that one request may ask for. */
  readonly hoursPerRequest: number;
  /** False: the bars have volume 0, which means unknown. */
  readonly hasVolume: boolean;
  /** Bars that open in [fromMs, toMs), at most `hoursPerRequest` hours. @throws HistorySourceError */
  candles(symbol: string, fromMs: UnixMs, toMs: UnixMs, signal: AbortSignal): Promise<CleanBars>;
}

/** Paid funding rates of the past over HTTP. */
export interface FundingSource {
  readonly name: string;
  /** Payments in [fromMs, toMs), the earliest ones if they do not fit into one answer. @throws HistorySourceError */
  funding(
    symbol: string,
    fromMs: UnixMs,
    toMs: UnixMs,
    signal: AbortSignal,
  ): Promise<readonly FundingPayment[]>;
}
