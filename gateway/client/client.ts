import { type StreamOptions, streamMessages } from './stream.ts';
import { type ClientOptions, Transport } from './transport.ts';
import type * as T from './types.ts';

const segment = encodeURIComponent;

/**
 * Typed client of the gateway. Amounts are decimal strings. Every method throws GatewayProblemError when the
 * gateway refuses.
 *
 * @example
 * const client = new BreakwaterClient({ baseUrl: 'http://127.0.0.1:8080' });
 * const { status, stale } = await client.margin('alice');
 */
export class BreakwaterClient {
  readonly #transport: Transport;

  constructor(options: ClientOptions) {
    this.#transport = new Transport(options);
  }

  /** `at`, here and below: ISO 8601 with a Z or Unix seconds, for the answer of a past moment. */
  prices(ids?: readonly string[], at?: string): Promise<T.PriceList> {
    return this.#transport.json('/v1/prices', { query: { ids: ids?.join(','), at } });
  }

  price(id: string): Promise<T.Price> {
    return this.#transport.json(`/v1/prices/${segment(id)}`);
  }

  evidence(id: string, at?: string): Promise<T.Evidence> {
    return this.#transport.json(
      `/v1/prices/${segment(id)}/evidence`,
      at === undefined ? {} : { query: { at } },
    );
  }

  /** Of all assets; with `issuedHours` (1 to 168) also the medians of 24 h that were issued in them. */
  forecasts(issuedHours?: number): Promise<T.ForecastList> {
    return this.#transport.json('/v1/forecasts', { query: { issuedHours } });
  }

  forecast(asset: string, horizons?: readonly T.Horizon[], at?: string): Promise<T.Forecast> {
    return this.#transport.json(`/v1/forecasts/${segment(asset)}`, {
      query: { horizon: horizons?.join(','), at },
    });
  }

  /** Replaces the whole book; `sequence` must grow with every update of the account. */
  putPositions(
    accountId: string,
    book: T.PutPositions,
    idempotencyKey?: string,
  ): Promise<T.PutPositionsAnswer> {
    return this.#transport.json(`/v1/accounts/${segment(accountId)}/positions`, {
      method: 'PUT',
      body: book,
      headers: idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey },
    });
  }

  putPositionsBatch(batch: T.PositionsBatch): Promise<T.BatchAnswer> {
    return this.#transport.json('/v1/accounts/positions/batch', { method: 'POST', body: batch });
  }

  positions(accountId: string): Promise<T.AccountPositions> {
    return this.#transport.json(`/v1/accounts/${segment(accountId)}/positions`);
  }

  /** Closes the account. */
  deletePositions(accountId: string, sequence: number): Promise<T.PutPositionsAnswer> {
    return this.#transport.json(`/v1/accounts/${segment(accountId)}/positions`, {
      method: 'DELETE',
      query: { sequence },
    });
  }

  /** Every account of the protocol, page by page: by id, or with `sort: 'health'` the least healthy first. */
  async *accounts(
    pageSize = 100,
    ask: T.AccountsAsk = {},
  ): AsyncGenerator<T.AccountList['accounts'][number], void> {
    let cursor: string | undefined;
    do {
      const query = { ...ask, limit: pageSize, cursor };
      const page = await this.#transport.json<T.AccountList>('/v1/accounts', { query });
      yield* page.accounts;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  /** All of them as CSV. */
  exportAccounts(ask: T.AccountsAsk = {}): Promise<ReadableStream<Uint8Array>> {
    return this.#transport.csv('/v1/accounts', { ...ask });
  }

  /** The lines of a margin as CSV. */
  exportMargin(accountId: string, module?: string, at?: string): Promise<ReadableStream<Uint8Array>> {
    return this.#transport.csv(`/v1/accounts/${segment(accountId)}/margin`, { module, at });
  }

  /** Stored prices, oldest first; `step` in seconds leaves out all but the last of each. */
  priceHistory(
    id: string,
    ask: T.PriceHistoryAsk & { readonly limit?: number; readonly cursor?: string } = {},
  ): Promise<T.PriceHistory> {
    return this.#transport.json(`/v1/prices/${segment(id)}/history`, { query: { ...ask } });
  }

  /** All of them as CSV. */
  exportPrices(id: string, ask: T.PriceHistoryAsk = {}): Promise<ReadableStream<Uint8Array>> {
    return this.#transport.csv(`/v1/prices/${segment(id)}/history`, { ...ask });
  }

  /** What may be held, with the options that the protocol's surfaces list. */
  markets(): Promise<T.MarketList> {
    return this.#transport.json('/v1/markets');
  }

  /** Surface, forwards, funding, depth of a market; `sequence` must grow with every update of the market. */
  putMarketData(market: string, data: T.PutMarketData): Promise<T.PutMarketDataAnswer> {
    return this.#transport.json(`/v1/markets/${segment(market)}/data`, { method: 'PUT', body: data });
  }

  marketData(market: string): Promise<T.MarketData> {
    return this.#transport.json(`/v1/markets/${segment(market)}/data`);
  }

  /** `module` as `scenario@2.0.0`, here and below: what to calculate with in place of the deployment's own. */
  margin(accountId: string, module?: string, at?: string): Promise<T.Margin> {
    return this.#transport.json(`/v1/accounts/${segment(accountId)}/margin`, { query: { module, at } });
  }

  /** `horizonHours` 1 to 168, `quantile` between 0 and 1. */
  predictedMargin(
    accountId: string,
    horizonHours = 24,
    quantile = 0.95,
    module?: string,
  ): Promise<T.PredictedMargin> {
    return this.#transport.json(`/v1/accounts/${segment(accountId)}/margin/predicted`, {
      query: { horizon: `${horizonHours}h`, quantile, module },
    });
  }

  /** Why the margin at `to` is not that at `from`: both past moments, ISO 8601 with a Z or Unix seconds. */
  marginDifference(
    accountId: string,
    between: { readonly from: string; readonly to: string },
    module?: string,
  ): Promise<T.MarginDifference> {
    return this.#transport.json(`/v1/accounts/${segment(accountId)}/margin/difference`, {
      query: { ...between, module },
    });
  }

  /** Margin of a book that is not stored. */
  simulate(book: T.Book, module?: string): Promise<T.Margin> {
    return this.#transport.json('/v1/margin/simulate', { method: 'POST', body: book, query: { module } });
  }

  /** Margin of an account after changes; nothing is stored. */
  whatIf(accountId: string, changes: T.WhatIf, module?: string): Promise<T.WhatIfAnswer> {
    return this.#transport.json(`/v1/accounts/${segment(accountId)}/margin/simulate`, {
      method: 'POST',
      body: changes,
      query: { module },
    });
  }

  /** Free collateral, largest orders (of one perp or option, or side, when given) and largest withdrawals. */
  capacity(
    accountId: string,
    of: { market?: string; side?: 'buy' | 'sell'; module?: string } = {},
  ): Promise<T.Capacity> {
    return this.#transport.json(`/v1/accounts/${segment(accountId)}/capacity`, { query: of });
  }

  liquidationPrice(accountId: string, module?: string): Promise<T.LiquidationPrice> {
    return this.#transport.json(`/v1/accounts/${segment(accountId)}/liquidation-price`, {
      query: { module },
    });
  }

  /** `target` is net initial margin in the quote asset, `costRate` a share of the notional below 1. */
  liquidationPlan(
    accountId: string,
    ask: { target?: string; costRate?: string; module?: string } = {},
  ): Promise<T.LiquidationPlan> {
    return this.#transport.json(`/v1/accounts/${segment(accountId)}/liquidation-plan`, { query: ask });
  }

  stress(accountId: string, module?: string): Promise<T.Stress> {
    return this.#transport.json(`/v1/accounts/${segment(accountId)}/stress`, { query: { module } });
  }

  /** Signed for one contract on one chain; throws while the answer is stale or unknown. Here and below. */
  attestMargin(accountId: string, ask: T.AttestationQuery): Promise<T.Attestation> {
    return this.#transport.json(`/v1/attestations/margin/${segment(accountId)}`, { query: { ...ask } });
  }

  /** The largest withdrawal of a collateral asset from the consumer, or `amount`; reserved until it is used or expires. */
  attestWithdrawal(accountId: string, asset: string, ask: T.WithdrawalQuery): Promise<T.Attestation> {
    const path = `/v1/attestations/withdrawal/${segment(accountId)}/${segment(asset)}`;
    return this.#transport.json(path, { query: { ...ask } });
  }

  attestPrice(feedId: string, ask: T.AttestationQuery): Promise<T.Attestation> {
    return this.#transport.json(`/v1/attestations/price/${segment(feedId)}`, { query: { ...ask } });
  }

  modules(): Promise<T.RiskModuleList> {
    return this.#transport.json('/v1/modules');
  }

  module(id: string, version: string): Promise<T.RiskModuleAnswer> {
    return this.#transport.json(`/v1/modules/${segment(id)}/${segment(version)}`);
  }

  /** Changes as they happen; goes on after a lost connection without losing or repeating an event. */
  stream(options: StreamOptions = {}): AsyncGenerator<T.StreamMessage, void> {
    return streamMessages(this.#transport, options);
  }
}
