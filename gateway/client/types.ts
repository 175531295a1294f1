import type { z } from '@hono/zod-openapi';
import type { accountListSchema, accountSchema, putResultSchema } from '../schemas/account.ts';
import type { AlarmDto } from '../schemas/alarm.ts';
import type { attestationQuery, attestationSchema, withdrawalQuery } from '../schemas/attestation.ts';
import type { batchBody, batchResultSchema } from '../schemas/batch.ts';
import type { capacitySchema } from '../schemas/capacity.ts';
import type { evidenceSchema } from '../schemas/evidence.ts';
import type { forecastSchema } from '../schemas/forecast.ts';
import type { forecastListSchema } from '../schemas/forecast-list.ts';
import type { liquidationPlanSchema } from '../schemas/liquidation-plan.ts';
import type { liquidationPriceSchema } from '../schemas/liquidation-price.ts';
import type { marginSchema } from '../schemas/margin.ts';
import type { marginDifferenceSchema } from '../schemas/margin-difference.ts';
import type { marketListSchema } from '../schemas/market.ts';
import type { moduleListSchema, moduleSchema } from '../schemas/module.ts';
import type { putPositionsBody, simulateBody } from '../schemas/positions.ts';
import type { predictedSchema } from '../schemas/predicted.ts';
import type { priceListSchema, priceSchema } from '../schemas/price.ts';
import type { priceHistorySchema } from '../schemas/price-history.ts';
import type { problemSchema } from '../schemas/problem.ts';
import type { putVenueDataResultSchema, venueDataSchema } from '../schemas/stored-venue-data.ts';
import type { stressSchema } from '../schemas/stress.ts';
import type { venueDataBody } from '../schemas/venue-data.ts';
import type { whatIfBody, whatIfSchema } from '../schemas/what-if.ts';

/** The types of the interface, taken from the schemas that the gateway checks with. */
export type Price = z.infer<typeof priceSchema>;
export type PriceList = z.infer<typeof priceListSchema>;
export type Evidence = z.infer<typeof evidenceSchema>;
export type Forecast = z.infer<typeof forecastSchema>;
export type ForecastList = z.infer<typeof forecastListSchema>;
export type PutPositions = z.input<typeof putPositionsBody>;
export type PutPositionsAnswer = z.infer<typeof putResultSchema>;
export type PositionsBatch = z.input<typeof batchBody>;
export type BatchAnswer = z.infer<typeof batchResultSchema>;
export type AccountPositions = z.infer<typeof accountSchema>;
export type AccountList = z.infer<typeof accountListSchema>;
/** Which accounts, and in which order. */
export interface AccountsAsk {
  readonly status?: Margin['status'];
  readonly sort?: 'id' | 'health';
}
export type PriceHistory = z.infer<typeof priceHistorySchema>;
/** Market times, ISO 8601 with a Z or Unix seconds; `step` in seconds. */
export interface PriceHistoryAsk {
  readonly from?: string;
  readonly to?: string;
  readonly step?: number;
}
export type MarketList = z.infer<typeof marketListSchema>;
export type PutMarketData = z.input<typeof venueDataBody>;
export type PutMarketDataAnswer = z.infer<typeof putVenueDataResultSchema>;
export type MarketData = z.infer<typeof venueDataSchema>;
export type Margin = z.infer<typeof marginSchema>;
export type MarginDifference = z.infer<typeof marginDifferenceSchema>;
export type PredictedMargin = z.infer<typeof predictedSchema>;
export type Book = z.input<typeof simulateBody>;
export type WhatIf = z.input<typeof whatIfBody>;
export type WhatIfAnswer = z.infer<typeof whatIfSchema>;
export type Capacity = z.infer<typeof capacitySchema>;
export type LiquidationPrice = z.infer<typeof liquidationPriceSchema>;
export type LiquidationPlan = z.infer<typeof liquidationPlanSchema>;
export type Stress = z.infer<typeof stressSchema>;
export type Attestation = z.infer<typeof attestationSchema>;
export type AttestationQuery = z.input<typeof attestationQuery>;
export type WithdrawalQuery = z.input<typeof withdrawalQuery>;
export type RiskModuleList = z.infer<typeof moduleListSchema>;
export type RiskModuleAnswer = z.infer<typeof moduleSchema>;
export type ProblemDetails = z.infer<typeof problemSchema>;
export type Horizon = '1h' | '4h' | '24h';

/** Status change of an account, as the stream sends it. */
export interface MarginEvent {
  readonly accountId: string;
  readonly sequence: number;
  readonly status: Margin['status'];
  readonly previousStatus: Margin['status'] | null;
  readonly asOf: string;
  readonly equity: string;
  readonly net: { readonly initial: string; readonly maintenance: string };
}

export type StreamMessage =
  | { readonly topic: 'price'; readonly id: string; readonly data: Price }
  | { readonly topic: 'forecast'; readonly id: string; readonly data: Forecast }
  | { readonly topic: 'margin'; readonly id: string; readonly data: MarginEvent }
  | { readonly topic: 'alarm'; readonly id: string; readonly data: AlarmDto }
  /** Events were missed and are not kept: read the state anew. */
  | {
      readonly topic: 'gap';
      readonly id: null;
      readonly data: { readonly code: string; readonly message: string };
    };
