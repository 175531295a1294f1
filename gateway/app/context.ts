import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Logger } from 'pino';
import type { KeyRing } from '../auth/key-ring.ts';
import type { ApiKey } from '../auth/keys.ts';
import type { Scope } from '../auth/scopes.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import type { PreparedMargins } from './direct/prepared-margins.ts';
import type { Metrics } from './metrics.ts';
import type { GatewayPorts } from './ports.ts';

export interface GatewayEnv {
  Variables: {
    requestId: string;
    /** Set by authentication on every route under /v1. */
    protocol: string;
    /** Who acts, for the audit log: `key:<visible prefix>`, `env` or `local`. */
    actor: string;
    /** What the caller may do. */
    scopes: ReadonlySet<Scope>;
    /** Whether the caller would still be let in now; for answers that go on. */
    stillAllowed: () => boolean;
  };
}

/** Node's request, when the application is served by it. */
export type NodeEnvironment = { readonly incoming?: IncomingMessage } | undefined;

/** Answers a request that Node received without another word, or leaves it alone: then it is false, and `fetch` is to answer. */
export type AnswerNow = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

export type GatewayApp = OpenAPIHono<GatewayEnv> & { answerNow?: AnswerNow };

export interface AppOptions {
  readonly ports: GatewayPorts;
  readonly logger: Logger;
  /** Empty: no authentication, one protocol, this machine only. */
  readonly apiKeys: readonly ApiKey[];
  /** Keys that may change while the application runs, `apiKeys` among them; those alone when left out. */
  readonly keyRing?: KeyRing;
  /** Key that /metrics asks for; null = open without API keys, closed with them. */
  readonly metricsKeyHash?: string | null;
  /** The same for /admin. */
  readonly adminKeyHash?: string | null;
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
  /** Margin answers that are still right; null when nobody tells what has changed. */
  readonly preparedMargins: PreparedMargins | null;
}
