import { z } from 'zod';
import type { FieldIssue } from '../../risk/errors.ts';
import type { KeySource } from '../attestations/signer.ts';
import { type ApiKey, parseApiKeys } from '../auth/keys.ts';
import { ConfigurationError } from './config-error.ts';
import { isLoopback } from './loopback.ts';
import { withSecretFiles } from './secret-files.ts';

const integer = (minimum: number, maximum: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, `must be an integer from ${minimum} to ${maximum}`)
    .transform(Number)
    .refine(
      (value) => value >= minimum && value <= maximum,
      `must be an integer from ${minimum} to ${maximum}`,
    )
    .default(fallback);

const url = (protocols: RegExp, example: string) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && protocols.test(new URL(value).protocol),
      `must be a URL such as ${example}`,
    )
    .nullable()
    .default(null);

const HOUR_MS = 3_600_000;

const host = z.string().regex(/^[A-Za-z0-9.:[\]-]{1,253}$/, 'must be a host name or an address');

const environment = z.object({
  HOST: host.default('127.0.0.1'),
  PORT: integer(0, 65_535, 8080),
  DATABASE_URL: url(/^postgres(ql)?:$/, 'postgres://user@host:5432/breakwater'),
  REDIS_URL: url(/^rediss?:$/, 'redis://host:6379'),
  DATA_DIR: z.string().min(1).default('.data'),
  NETWORK_FILE: z.string().min(1).nullable().default(null),
  MODEL_CANDIDATE_DIR: z.string().min(1).nullable().default(null),
  CHAIN_KEY: z.string().min(1).nullable().default(null),
  CHAIN_KEY_FILE: z.string().min(1).nullable().default(null),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be one of fatal, error, warn, info, debug, trace, silent',
    })
    .default('info'),
  API_KEYS: z.string().default(''),
  REQUIRE_KEYS: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .transform((value) => value === 'true')
    .default(false),
  METRICS_KEY_SHA256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be the SHA-256 of the key, 64 hex digits')
    .transform((value) => value.toLowerCase())
    .nullable()
    .default(null),
  ADMIN_KEY_SHA256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be the SHA-256 of the key, 64 hex digits')
    .transform((value) => value.toLowerCase())
    .nullable()
    .default(null),
  WEBHOOK_ALLOW_PRIVATE: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .transform((value) => value === 'true')
    .default(false),
  ATTESTER_KEY: z.string().min(1).nullable().default(null),
  ATTESTER_KEY_FILE: z.string().min(1).nullable().default(null),
  MAX_BODY_BYTES: integer(1_024, 67_108_864, 1_048_576),
  RATE_LIMIT_PER_MINUTE: integer(0, 1_000_000_000, 60_000),
  POLL_INTERVAL_MS: integer(50, HOUR_MS, 1_000),
  SNAPSHOT_INTERVAL_MS: integer(100, HOUR_MS, 5_000),
  FORECAST_INTERVAL_MS: integer(1_000, 24 * HOUR_MS, 60_000),
  SWEEP_INTERVAL_MS: integer(100, HOUR_MS, 2_000),
  SWEEP_SHARDS: integer(1, 256, 4),
  METRICS_HOST: host.default('127.0.0.1'),
  METRICS_PORT: integer(0, 65_535, 0),
  DRAIN_DELAY_MS: integer(0, 30_000, 0),
  START_PATIENCE_SECONDS: integer(0, 3_600, 60),
});

/** The checked environment. Intervals are wall milliseconds. */
export interface GatewayConfig {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** null = embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | null;
  /** null = queues on PostgreSQL. */
  readonly redisUrl: string | null;
  readonly dataDir: string;
  readonly networkFile: string | null;
  /** Model artifact that runs in shadow and serves when it is better; null = none. */
  readonly modelCandidateDir: string | null;
  /** The gateway's key on the hub, or the file that holds it; never logged. */
  readonly chainKey: { readonly key: string | null; readonly file: string | null };
  readonly logLevel: z.output<typeof environment>['LOG_LEVEL'];
  /** Keys beside those in the database. With none of either: one protocol `local`, loopback only. */
  readonly apiKeys: readonly ApiKey[];
  /** Ask for a key even while there is none. */
  readonly requireKeys: boolean;
  readonly metricsKeyHash: string | null;
  /** Key of the operator, for /admin. */
  readonly adminKeyHash: string | null;
  /** Webhooks may call http and private addresses; for development. */
  readonly webhookAllowPrivate: boolean;
  /** Where the key that signs attestations is; a secret. Absent or both null: nothing is signed. */
  readonly attester?: KeySource;
  readonly maxBodyBytes: number;
  /** Requests per protocol and minute; 0 = no limit. */
  readonly rateLimitPerMinute: number;
  readonly pollIntervalMs: number;
  readonly snapshotIntervalMs: number;
  readonly forecastIntervalMs: number;
  readonly sweepIntervalMs: number;
  /** Parts of a sweep that workers share; every process of a deployment uses the same number. */
  readonly sweepShards: number;
  /** Where a worker without HTTP tells its metrics; port 0 takes a free one. */
  readonly metricsHost: string;
  readonly metricsPort: number;
  /** How long a start waits for PostgreSQL and Redis, wall seconds; absent = not at all. */
  readonly startPatienceSeconds?: number;
  /** How long a stopping gateway goes on answering while it says that it is not ready. */
  readonly drainDelayMs: number;
}

/** Every variable that is read, in the order of the documentation; each may also be given as `NAME_FILE`. */
export const VARIABLES: readonly string[] = Object.keys(environment.shape);

/**
 * Reads the environment; an empty variable counts as not set, variables that are not ours are ignored. A variable may
 * stand in the file that `NAME_FILE` names.
 * Values are never quoted in problems: they may be secrets.
 * @throws ConfigurationError naming every wrong variable at once.
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): GatewayConfig {
  const complete = withSecretFiles(env, VARIABLES);
  const given = Object.fromEntries(
    VARIABLES.map((name) => [name, complete[name]?.trim()] as const).filter(
      ([, value]) => value !== undefined && value !== '',
    ),
  );
  const parsed = environment.safeParse(given);
  const issues: FieldIssue[] = parsed.success
    ? []
    : parsed.error.issues.map((issue) => ({ field: String(issue.path[0]), message: issue.message }));

  const { keys, problems } =
    given.API_KEYS === undefined ? { keys: [], problems: [] } : parseApiKeys(given.API_KEYS);
  issues.push(...problems.map((message) => ({ field: 'API_KEYS', message })));
  if (
    given.API_KEYS === undefined &&
    given.REQUIRE_KEYS !== 'true' &&
    !isLoopback(given.HOST ?? '127.0.0.1')
  ) {
    issues.push({
      field: 'HOST',
      message: `is not a loopback address: without API_KEYS the server binds 127.0.0.1 only; set API_KEYS, REQUIRE_KEYS=true (keys in the database) or HOST=127.0.0.1`,
    });
  }
  if (given.METRICS_KEY_SHA256 === undefined && !isLoopback(given.METRICS_HOST ?? '127.0.0.1')) {
    const message = 'is not a loopback address: set METRICS_KEY_SHA256, or METRICS_HOST=127.0.0.1';
    issues.push({ field: 'METRICS_HOST', message });
  }
  if (!parsed.success || issues.length > 0)
    throw new ConfigurationError('the environment is not valid', issues);
  const v = parsed.data;
  return {
    host: v.HOST,
    port: v.PORT,
    databaseUrl: v.DATABASE_URL,
    redisUrl: v.REDIS_URL,
    dataDir: v.DATA_DIR,
    networkFile: v.NETWORK_FILE,
    modelCandidateDir: v.MODEL_CANDIDATE_DIR,
    chainKey: { key: v.CHAIN_KEY, file: v.CHAIN_KEY_FILE },
    logLevel: v.LOG_LEVEL,
    apiKeys: keys,
    requireKeys: v.REQUIRE_KEYS,
    metricsKeyHash: v.METRICS_KEY_SHA256,
    adminKeyHash: v.ADMIN_KEY_SHA256,
    webhookAllowPrivate: v.WEBHOOK_ALLOW_PRIVATE,
    attester: { key: v.ATTESTER_KEY, keyFile: v.ATTESTER_KEY_FILE },
    maxBodyBytes: v.MAX_BODY_BYTES,
    rateLimitPerMinute: v.RATE_LIMIT_PER_MINUTE,
    pollIntervalMs: v.POLL_INTERVAL_MS,
    snapshotIntervalMs: v.SNAPSHOT_INTERVAL_MS,
    forecastIntervalMs: v.FORECAST_INTERVAL_MS,
    sweepIntervalMs: v.SWEEP_INTERVAL_MS,
    sweepShards: v.SWEEP_SHARDS,
    metricsHost: v.METRICS_HOST,
    metricsPort: v.METRICS_PORT,
    drainDelayMs: v.DRAIN_DELAY_MS,
    startPatienceSeconds: v.START_PATIENCE_SECONDS,
  };
}
