import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Logger } from 'pino';
import type { ApiKey } from '../auth/keys.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import type { Metrics } from './metrics.ts';
import type { GatewayPorts } from './ports.ts';

export interface GatewayEnv {
  Variables: {
    requestId: string;
    /** Set by authentication on every route under /v1. */
    protocol: string;
  };
}

export type GatewayApp = OpenAPIHono<GatewayEnv>;

export interface AppOptions {
  readonly ports: GatewayPorts;
  readonly logger: Logger;
  /** Empty: no authentication, one protocol, this machine only. */
  readonly apiKeys: readonly ApiKey[];
  /** Key that /metrics asks for; null = open without API keys, closed with them. */
  readonly metricsKeyHash?: string | null;
  /** Counts requests per protocol; none when left out. */
  readonly rateLimiter?: RateLimiter | null;
  /** Ends open streams when it is aborted, so that a server can close at once. */
  readonly shutdown?: AbortSignal | null;
  /** Default 1 MiB. */
  readonly maxBodyBytes?: number;
}

/** What a route may use. */
export interface RouteContext {
  readonly ports: GatewayPorts;
  readonly metrics: Metrics;
  readonly shutdown: AbortSignal | null;
  readonly maxBodyBytes: number;
}
