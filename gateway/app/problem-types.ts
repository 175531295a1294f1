import type { FailureKind } from '../../risk/errors.ts';

/** Titles of the problem types that the gateway itself raises; each has a page in docs/errors. */
const TITLES: Readonly<Record<string, string>> = {
  'analysis-busy': 'Too many analyses are waiting',
  'analysis-too-large': 'Analysis too large',
  'attestation-refused': 'Nothing was signed',
  'attestations-not-configured': 'No key to sign with',
  'approval-refused': 'Signature refused',
  'consumer-not-allowed': 'Contract of another protocol',
  'database-unavailable': 'Storage is unavailable',
  'duplicate-approval': 'Approved already',
  'forbidden-host': 'Wrong host',
  'forecast-unavailable': 'No forecast yet',
  'freeze-conflict': 'Frozen already, or not frozen',
  'governance-not-configured': 'No governance policy',
  'idempotency-key-conflict': 'Idempotency key used for another request',
  internal: 'Internal error',
  'invalid-input': 'Invalid input',
  'key-not-active': 'Key is not active',
  'key-management': 'Key management is unavailable',
  'keys-unavailable': 'API keys cannot be checked',
  'malformed-json': 'Malformed JSON',
  'method-not-allowed': 'Method not allowed',
  'metrics-closed': 'Metrics are closed',
  'missing-scope': 'Scope missing',
  'module-not-found': 'Unknown risk module',
  'no-stored-price': 'No stored price',
  'no-venue-data': 'No venue data yet',
  'not-found': 'Not found',
  'out-of-bounds': 'Out of bounds',
  'proposal-state': 'Not possible in this state',
  'rate-limited': 'Too many requests',
  'sequence-conflict': 'Not newer than what is stored',
  'surface-arbitrage': 'Surface with arbitrage',
  'too-large': 'Body too large',
  'too-many-streams': 'Too many open streams',
  unauthorized: 'API key required',
  'unknown-account': 'Unknown account',
  'unknown-asset': 'Unknown asset',
  'unknown-feed': 'Unknown price feed',
  'unknown-key': 'Unknown API key',
  'unknown-market': 'Unknown market',
  'unknown-proposal': 'Unknown proposal',
  'unknown-protocol': 'Unknown protocol',
  'unknown-webhook': 'Unknown webhook',
  'unsupported-media-type': 'Unsupported media type',
  'webhook-limit': 'Too many webhooks',
  'webhook-target': 'URL may not be called',
};

const KIND_TITLES: Readonly<Record<FailureKind, string>> = {
  'invalid-input': 'Invalid input',
  unauthorized: 'API key required',
  forbidden: 'Not allowed',
  'not-found': 'Not found',
  conflict: 'Conflict with the stored state',
  'too-large': 'Too large',
  unprocessable: 'Cannot be processed',
  'rate-limited': 'Too many requests',
  unavailable: 'Temporarily unavailable',
  internal: 'Internal error',
};

/** Stable title of a type; types raised below the gateway fall back to the title of their kind. */
export function problemTitle(type: string, kind: FailureKind): string {
  return Object.hasOwn(TITLES, type) ? TITLES[type]! : KIND_TITLES[kind];
}
