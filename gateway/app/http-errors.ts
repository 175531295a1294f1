import { BreakwaterError, type BreakwaterErrorOptions } from '../../risk/errors.ts';

/** A refusal that only HTTP knows; it carries its own status and headers. */
export class HttpError extends BreakwaterError {
  override readonly name: string = 'HttpError';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    message: string,
    status: number,
    options: BreakwaterErrorOptions,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message, options);
    this.status = status;
    this.headers = headers;
  }
}

export class RouteNotFoundError extends HttpError {
  override readonly name = 'RouteNotFoundError';
  constructor(path: string) {
    super(`nothing is served at ${path.slice(0, 200)}`, 404, { type: 'not-found', kind: 'not-found' });
  }
}

export class MethodNotAllowedError extends HttpError {
  override readonly name = 'MethodNotAllowedError';
  constructor(method: string, allowed: readonly string[]) {
    super(
      `${method} is not served here; allowed: ${allowed.join(', ')}`,
      405,
      { type: 'method-not-allowed', kind: 'invalid-input', details: { allowed } },
      { Allow: allowed.join(', ') },
    );
  }
}

export class UnsupportedMediaTypeError extends HttpError {
  override readonly name = 'UnsupportedMediaTypeError';
  constructor(message = 'must be application/json') {
    super(`Content-Type: ${message}`, 415, {
      type: 'unsupported-media-type',
      kind: 'invalid-input',
      issues: [{ field: 'Content-Type', message }],
    });
  }
}

export class BodyTooLargeError extends HttpError {
  override readonly name = 'BodyTooLargeError';
  constructor(limitBytes: number) {
    super(
      `the body is larger than ${limitBytes} bytes`,
      413,
      { type: 'too-large', kind: 'too-large', details: { limitBytes } },
      { Connection: 'close' },
    );
  }
}

export class UnauthorizedError extends HttpError {
  override readonly name = 'UnauthorizedError';
  constructor(message: string) {
    super(
      message,
      401,
      { type: 'unauthorized', kind: 'unauthorized' },
      { 'WWW-Authenticate': 'Bearer realm="breakwater"' },
    );
  }
}

export class MissingScopeError extends BreakwaterError {
  override readonly name = 'MissingScopeError';
  constructor(scope: string) {
    super(`this API key does not have the scope '${scope}'`, {
      type: 'missing-scope',
      kind: 'forbidden',
      details: { scope },
    });
  }
}

export class ForbiddenHostError extends BreakwaterError {
  override readonly name = 'ForbiddenHostError';
  constructor() {
    super('without API keys only requests addressed to this machine are answered', {
      type: 'forbidden-host',
      kind: 'forbidden',
      issues: [{ field: 'Host', message: 'must be a loopback name' }],
    });
  }
}

export class MetricsClosedError extends BreakwaterError {
  override readonly name = 'MetricsClosedError';
  constructor() {
    super('with API keys configured the metrics need METRICS_KEY_SHA256', {
      type: 'metrics-closed',
      kind: 'forbidden',
    });
  }
}

export class RateLimitedError extends HttpError {
  override readonly name = 'RateLimitedError';
  constructor(retryAfterSeconds: number, headers: Readonly<Record<string, string>>) {
    super(
      `the quota of this key is used up; try again in ${retryAfterSeconds} s`,
      429,
      { type: 'rate-limited', kind: 'rate-limited', retryable: true, details: { retryAfterSeconds } },
      { ...headers, 'Retry-After': String(retryAfterSeconds) },
    );
  }
}

export class TooManyStreamsError extends HttpError {
  override readonly name = 'TooManyStreamsError';
  constructor(limit: number) {
    super(
      `${limit} streams are open already`,
      429,
      { type: 'too-many-streams', kind: 'rate-limited', retryable: true, details: { limit } },
      { 'Retry-After': '5' },
    );
  }
}
