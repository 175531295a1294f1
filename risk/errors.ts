/** What a failure means to a caller; the gateway maps each kind to one HTTP status. */
export type FailureKind =
  | 'invalid-input'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'too-large'
  | 'unprocessable'
  | 'rate-limited'
  | 'unavailable'
  | 'internal';

/** One thing that is wrong with an input: where (a JSON path) and why. */
export interface FieldIssue {
  readonly field: string;
  readonly message: string;
}

export interface BreakwaterErrorOptions {
  /** Stable slug, one docs page each (docs/errors/<type>.md), e.g. `unknown-asset`. */
  readonly type: string;
  readonly kind: FailureKind;
  readonly issues?: readonly FieldIssue[];
  /** Values that explain the failure; must be JSON-safe (bigints as decimal strings). */
  readonly details?: Readonly<Record<string, unknown>>;
  /** True if the same call may succeed later without a change (used by job retries). */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** Base of every typed refusal. Subclasses carry the values of the failure as fields. */
export class BreakwaterError extends Error {
  override readonly name: string = 'BreakwaterError';
  readonly type: string;
  readonly kind: FailureKind;
  readonly issues: readonly FieldIssue[];
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryable: boolean;

  constructor(message: string, options: BreakwaterErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.type = options.type;
    this.kind = options.kind;
    this.issues = options.issues ?? [];
    this.details = options.details ?? {};
    this.retryable = options.retryable ?? options.kind === 'unavailable';
  }
}

/** An input that can never be right as it stands; names the field, and any other fields that are wrong too. */
export class InvalidInputError extends BreakwaterError {
  override readonly name = 'InvalidInputError';
  constructor(
    field: string,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    others: readonly FieldIssue[] = [],
  ) {
    super(`${field}: ${message}`, {
      type: 'invalid-input',
      kind: 'invalid-input',
      issues: [{ field, message }, ...others],
      details,
    });
  }
}
