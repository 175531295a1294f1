import { type DestinationStream, type Logger, pino } from 'pino';
import { currentCause } from '../../db/cause.ts';
import { withoutAddresses } from '../schemas/redact.ts';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

const SECRETS = [
  'authorization',
  'headers.authorization',
  '*.headers.authorization',
  'headers.cookie',
  '*.headers.cookie',
  'apiKey',
  '*.apiKey',
  'password',
  '*.password',
  'connectionString',
  '*.connectionString',
  'DATABASE_URL',
  '*.DATABASE_URL',
  'REDIS_URL',
  '*.REDIS_URL',
  'API_KEYS',
  '*.API_KEYS',
];

/** An error with its stack and causes; addresses in the texts of clients may hold RPC keys and passwords. */
function errorForLog(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  return {
    type: error.name,
    message: withoutAddresses(error.message),
    stack: withoutAddresses(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: errorForLog(error.cause) }),
  };
}

/** The request on whose behalf something is logged, wherever in the layers that is. */
function requestOf(): { readonly requestId?: string } {
  const requestId = currentCause();
  return requestId === null ? {} : { requestId };
}

/** JSON logs, one line each, with secrets replaced by `[redacted]`. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: requestOf,
    serializers: { err: errorForLog },
    redact: { paths: SECRETS, censor: '[redacted]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
