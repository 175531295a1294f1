import { BreakwaterError } from '../../risk/errors.ts';

/** Too few hours are known for any forecast. */
export class InsufficientHistoryError extends BreakwaterError {
  override readonly name = 'InsufficientHistoryError';
  readonly asset: string;
  readonly hours: number;
  constructor(asset: string, hours: number, needed: number) {
    super(`${asset}: ${hours} hours of history, a forecast needs about ${needed}`, {
      type: 'insufficient-history',
      kind: 'unavailable',
      details: { asset, hours, needed },
      retryable: true,
    });
    this.asset = asset;
    this.hours = hours;
  }
}
