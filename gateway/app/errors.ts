import { BreakwaterError, type FieldIssue } from '../../risk/errors.ts';

/** The request does not fit its schema; every field that is wrong is named. */
export class InvalidRequestError extends BreakwaterError {
  override readonly name = 'InvalidRequestError';
  constructor(issues: readonly FieldIssue[]) {
    const [first] = issues;
    const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
    super(first === undefined ? 'the request is not valid' : `${first.field}: ${first.message}${more}`, {
      type: 'invalid-input',
      kind: 'invalid-input',
      issues,
    });
  }
}

export class UnknownFeedError extends BreakwaterError {
  override readonly name = 'UnknownFeedError';
  constructor(feedIds: readonly string[], field = 'id') {
    super(`no price feed ${feedIds.map((id) => `'${id}'`).join(', ')}`, {
      type: 'unknown-feed',
      kind: 'not-found',
      issues: feedIds.map((id) => ({ field, message: `no price feed '${id}'` })),
    });
  }
}

/** No price of the feed is kept from that time or before. */
export class NoStoredPriceError extends BreakwaterError {
  override readonly name = 'NoStoredPriceError';
  constructor(feedId: string, atMs: number) {
    super(`no price of ${feedId} is stored at or before ${new Date(atMs).toISOString()}`, {
      type: 'no-stored-price',
      kind: 'not-found',
      issues: [{ field: 'at', message: 'is before the first stored price' }],
    });
  }
}

export class UnknownAssetError extends BreakwaterError {
  override readonly name = 'UnknownAssetError';
  constructor(asset: string, field = 'asset') {
    super(`no volatility forecast for asset '${asset}'`, {
      type: 'unknown-asset',
      kind: 'not-found',
      issues: [{ field, message: `no volatility forecast for asset '${asset}'` }],
    });
  }
}

/** No such account in the caller's protocol; the answer is the same for an account of another protocol. */
export class UnknownAccountError extends BreakwaterError {
  override readonly name = 'UnknownAccountError';
  constructor(accountId: string) {
    super(`no account '${accountId}'`, { type: 'unknown-account', kind: 'not-found' });
  }
}

/** The account had no book then, or none from then is kept. */
export class NoStoredBookError extends BreakwaterError {
  override readonly name = 'NoStoredBookError';
  constructor(accountId: string, atMs: number, sinceMs: number) {
    const since = new Date(sinceMs).toISOString();
    super(`books of '${accountId}' are kept since ${since}, not from ${new Date(atMs).toISOString()}`, {
      type: 'no-stored-book',
      kind: 'conflict',
      issues: [{ field: 'at', message: `is before the first book that is kept, of ${since}` }],
      details: { accountId, since },
    });
  }
}

/** What the moment will have been is not decided yet: something may still be stored for it. */
export class MomentNotSettledError extends BreakwaterError {
  override readonly name: string = 'MomentNotSettledError';
  /** When to ask again. */
  readonly retryAfterSeconds: number = 2;
  constructor(
    atMs: number,
    settledUntilMs: number | null,
    why: { readonly message: string; readonly field: string; readonly marketTime?: string } | null = null,
  ) {
    const until = settledUntilMs === null ? null : new Date(settledUntilMs).toISOString();
    const which = until === null ? 'no moment is settled yet' : `moments are settled up to ${until}`;
    const { message, field, marketTime } = why ?? {
      message: `${which}, not ${new Date(atMs).toISOString()}`,
      field: 'at',
    };
    super(message, {
      type: 'moment-not-settled',
      kind: 'conflict',
      retryable: true,
      issues: [{ field, message: 'is not settled yet; ask again in some seconds' }],
      details: { settledUntil: until, ...(marketTime === undefined ? {} : { marketTime }) },
    });
  }
}

/** By the clock of this gateway the moment is still to come; another one's may be ahead, and have answered it. */
export class MomentAheadError extends MomentNotSettledError {
  override readonly name = 'MomentAheadError';
  override readonly retryAfterSeconds: number;
  constructor(atMs: number, nowMs: number, field: string) {
    const marketTime = new Date(nowMs).toISOString();
    const at = new Date(atMs).toISOString();
    const message = `by the clock of this gateway it is ${marketTime}, before ${at}`;
    super(atMs, null, { message, field, marketTime });
    this.retryAfterSeconds = Math.ceil((atMs - nowMs) / 1000) + 1;
  }
}

export class UnknownMarketError extends BreakwaterError {
  override readonly name = 'UnknownMarketError';
  constructor(market: string) {
    const message = `no market '${market}'`;
    super(message, { type: 'unknown-market', kind: 'not-found', issues: [{ field: 'market', message }] });
  }
}

/** The protocol has not pushed any data about a market. */
export class NoVenueDataError extends BreakwaterError {
  override readonly name = 'NoVenueDataError';
  constructor(market: string) {
    super(`nothing was pushed about ${market}`, { type: 'no-venue-data', kind: 'not-found' });
  }
}

/** Nothing was pushed under this name, and a chain where the account may be has never been read for it. */
export class VenueUnreachableError extends BreakwaterError {
  override readonly name = 'VenueUnreachableError';
  constructor(chain: string) {
    super(`the account may be on chain ${chain}, which cannot be read now and has never been read for it`, {
      type: 'venue-unreachable',
      kind: 'unavailable',
    });
  }
}
