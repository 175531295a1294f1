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

/** An asset the market forecaster was not created for. */
export class UnknownForecastAssetError extends BreakwaterError {
  override readonly name = 'UnknownForecastAssetError';
  constructor(asset: string, known: readonly string[]) {
    super(`${asset} is not forecast`, {
      type: 'unknown-asset',
      kind: 'not-found',
      details: { asset, known },
    });
  }
}
