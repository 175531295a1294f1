import { BreakwaterError } from '../../../risk/errors.ts';
import type { UnixMs } from '../../../risk/units/time.ts';

/** A candle file whose name does not say which asset and interval it holds, or one that the demo has no use for. */
export class CandleFileNameError extends BreakwaterError {
  override readonly name = 'CandleFileNameError';
  readonly file: string;
  constructor(file: string, problem: string) {
    super(`${file}: ${problem}`, {
      type: 'candle-file-name',
      kind: 'invalid-input',
      issues: [{ field: '--data', message: `${file}: ${problem}` }],
      details: { file },
    });
    this.file = file;
  }
}

/** The candles do not reach far enough back before the start, or end before it. Says how much is there. */
export class NotEnoughHistoryError extends BreakwaterError {
  override readonly name = 'NotEnoughHistoryError';
  readonly file: string;
  readonly firstMs: UnixMs;
  readonly endMs: UnixMs;
  constructor(file: string, firstMs: UnixMs, endMs: UnixMs, problem: string) {
    const message = `${file}: ${problem}; it holds ${day(firstMs)} to ${day(endMs)}`;
    super(message, {
      type: 'not-enough-history',
      kind: 'invalid-input',
      issues: [{ field: '--data', message }],
      details: { file, firstMs, endMs },
    });
    this.file = file;
    this.firstMs = firstMs;
    this.endMs = endMs;
  }
}

export function day(timeMs: UnixMs): string {
  return new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');
}
