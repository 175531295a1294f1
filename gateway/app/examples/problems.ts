import {
  DatabaseUnavailableError,
  IdempotencyKeyConflictError,
  SequenceConflictError,
} from '../../../db/errors.ts';
import { KeyNotActiveError, UnknownKeyError } from '../../../db/queries/api-keys.ts';
import {
  ConsentConflictError,
  ConsentEndedError,
  ConsentRefusedError,
  UnknownConsentError,
} from '../../../db/queries/consent-errors.ts';
import { FreezeConflictError } from '../../../db/queries/governance.ts';
import {
  ApprovalRefusedError,
  DuplicateApprovalError,
  ProposalStateError,
  UnknownProposalError,
} from '../../../db/queries/proposal-errors.ts';
import { UnknownWebhookError, WebhookLimitError } from '../../../db/queries/webhooks.ts';
import { ModuleNotFoundError } from '../../../risk/modules/registry.ts';
import { ForecastUnavailableError } from '../../../risk/predicted/predict.ts';
import {
  AttestationRefusedError,
  AttestationsNotConfiguredError,
  ConsumerNotAllowedError,
} from '../../attestations/errors.ts';
import { KeyManagementError } from '../../attestations/kms-signer.ts';
import { KeysUnavailableError } from '../../auth/stored-key-ring.ts';
import { ConsentsNotConfiguredError } from '../../consents/errors.ts';
import { AnalysisBusyError, AnalysisTooLargeError } from '../../engine/analysis-errors.ts';
import { SurfaceArbitrageError } from '../../engine/venue-data-check.ts';
import {
  GovernanceNotConfiguredError,
  OutOfBoundsError,
  UnknownProtocolError,
} from '../../governance/errors.ts';
import { MalformedJsonError } from '../../json/errors.ts';
import { UnknownParameterLineError } from '../../publishing/errors.ts';
import { PastVenueUnknownError } from '../../venues/errors.ts';
import { WebhookTargetError } from '../../webhooks/target.ts';
import {
  InvalidRequestError,
  MomentNotSettledError,
  NoStoredBookError,
  NoStoredPriceError,
  NoVenueDataError,
  UnknownAccountError,
  UnknownAssetError,
  UnknownFeedError,
  UnknownMarketError,
  VenueUnreachableError,
} from '../errors.ts';
import {
  BodyTooLargeError,
  ForbiddenHostError,
  MetricsClosedError,
  MissingScopeError,
  RateLimitedError,
  TooManyStreamsError,
  UnauthorizedError,
  UnsupportedMediaTypeError,
} from '../http-errors.ts';
import { internalProblem, type Problem, problemOf } from '../problem.ts';
import { EARLIER, LATER } from './moments.ts';

const REQUEST_ID = '5f0c2d0e-8f4c-4b5e-9a44-1d0a3a7c9a10';
const [EARLIER_MS, LATER_MS] = [Date.parse(EARLIER), Date.parse(LATER)];
const SIGNER = '0x1a574fefa9285cdd9d7b49027f50a70ac6f1d5b3';
const PROPOSAL = `0x${'7d'.repeat(32)}`;
const SIZE = 'must be a decimal string such as "-1.5", in quotes';

/** Where it happened, and the error as the gateway raises it: an example says what a caller will read. */
const RAISED = {
  'invalid-input': [
    '/v1/margin/simulate',
    new InvalidRequestError([{ field: 'positions[0].size', message: SIZE }]),
  ],
  'malformed-json': ['/v1/margin/simulate', new MalformedJsonError('body', 'ended before it was complete')],
  unauthorized: ['/v1/accounts', new UnauthorizedError('this API key is not known')],
  'missing-scope': ['/v1/keys', new MissingScopeError('admin')],
  'forbidden-host': ['/v1/prices', new ForbiddenHostError()],
  'too-large': ['/v1/margin/simulate', new BodyTooLargeError(1_048_576)],
  'unsupported-media-type': ['/v1/margin/simulate', new UnsupportedMediaTypeError()],
  'rate-limited': ['/v1/prices', new RateLimitedError(2, {})],
  'too-many-streams': ['/v1/stream', new TooManyStreamsError(2000)],
  'database-unavailable': ['/v1/accounts', new DatabaseUnavailableError('connection refused')],
  'keys-unavailable': ['/v1/prices', new KeysUnavailableError()],
  'unknown-feed': ['/v1/prices/DOGE-USD', new UnknownFeedError(['DOGE-USD'])],
  'no-stored-price': ['/v1/prices/BTC-USD/evidence', new NoStoredPriceError('BTC-USD', 0)],
  'moment-not-settled': [
    '/v1/prices/BTC-USD/evidence',
    new MomentNotSettledError(LATER_MS, LATER_MS - 30_000),
  ],
  'unknown-asset': ['/v1/forecasts/DOGE', new UnknownAssetError('DOGE')],
  'forecast-unavailable': ['/v1/accounts/demo/margin/predicted', new ForecastUnavailableError(['SOL'])],
  'unknown-market': ['/v1/markets/DOGE-OPTIONS/data', new UnknownMarketError('DOGE-OPTIONS')],
  'no-venue-data': ['/v1/markets/SOL-OPTIONS/data', new NoVenueDataError('SOL-OPTIONS')],
  'surface-arbitrage': [
    '/v1/markets/SOL-OPTIONS/data',
    new SurfaceArbitrageError([
      { field: 'expiries[1].smile', message: 'total variance is below that of the expiry before it' },
    ]),
  ],
  'unknown-account': ['/v1/accounts/nobody/margin', new UnknownAccountError('nobody')],
  'sequence-conflict': ['/v1/accounts/alice/positions', new SequenceConflictError('alice', 1n, 3n)],
  'idempotency-key-conflict': [
    '/v1/accounts/alice/positions',
    new IdempotencyKeyConflictError('alice-fill-8812'),
  ],
  'no-stored-book': ['/v1/accounts/demo/margin', new NoStoredBookError('demo', EARLIER_MS, LATER_MS)],
  'past-venue-unknown': ['/v1/accounts/demo/margin', new PastVenueUnknownError('demo', ['l2'])],
  'venue-unreachable': ['/v1/accounts/nobody/margin', new VenueUnreachableError('l2')],
  'analysis-too-large': ['/v1/accounts/demo/capacity', new AnalysisTooLargeError(1_000_000)],
  'analysis-busy': ['/v1/accounts/demo/capacity', new AnalysisBusyError('8 of this protocol are waiting')],
  'attestations-not-configured': ['/v1/attestations/margin/demo', new AttestationsNotConfiguredError()],
  'consumer-not-allowed': ['/v1/attestations/margin/demo', new ConsumerNotAllowedError(SIGNER, 'hub')],
  'attestation-refused': [
    '/v1/attestations/margin/demo',
    new AttestationRefusedError([{ code: 'stale-price', message: 'BTC-USD is 95 s old' }]),
  ],
  'key-management': [
    '/v1/attestations/margin/demo',
    new KeyManagementError('the key service does not answer'),
  ],
  'module-not-found': ['/v1/modules/standard/9.9.9', new ModuleNotFoundError('standard', '9.9.9')],
  'unknown-protocol': ['/v1/protocols/other/markets', new UnknownProtocolError('other')],
  'freeze-conflict': ['/v1/markets/BTC-PERP/freeze', new FreezeConflictError('BTC-PERP', true)],
  'governance-not-configured': ['/v1/proposals', new GovernanceNotConfiguredError('venue')],
  'out-of-bounds': [
    '/v1/proposals',
    new OutOfBoundsError([{ field: 'perp.initial', message: 'must be at least 0.05' }]),
  ],
  'unknown-proposal': [`/v1/proposals/${PROPOSAL}`, new UnknownProposalError(PROPOSAL)],
  'proposal-state': [`/v1/proposals/${PROPOSAL}/veto`, new ProposalStateError('vetoed', 'executed')],
  'duplicate-approval': [`/v1/proposals/${PROPOSAL}/approvals`, new DuplicateApprovalError(SIGNER)],
  'approval-refused': [
    `/v1/proposals/${PROPOSAL}/approvals`,
    new ApprovalRefusedError('is not of a signer of this protocol'),
  ],
  'unknown-parameter-line': [
    '/v1/publications',
    new UnknownParameterLineError('DOGE-PERP', 'initialMarginRate'),
  ],
  'unknown-consent': [`/v1/consents/${PROPOSAL}`, new UnknownConsentError(PROPOSAL)],
  'consent-refused': ['/v1/consents', new ConsentRefusedError('signature', 'is not of the owner')],
  'consent-conflict': [
    '/v1/consents',
    new ConsentConflictError("account 'demo' is in another consent", PROPOSAL),
  ],
  'consent-ended': ['/v1/consents', new ConsentEndedError(PROPOSAL, 'owner')],
  'consents-not-configured': ['/v1/consents', new ConsentsNotConfiguredError()],
  'unknown-key': ['/v1/keys/bw_3k7qz2m5xa', new UnknownKeyError('bw_3k7qz2m5xa')],
  'key-not-active': ['/v1/keys/bw_3k7qz2m5xa/rotate', new KeyNotActiveError('bw_3k7qz2m5xa')],
  'unknown-webhook': [
    '/v1/webhooks/wh_5f1e2d3c4b5a69788796a5b4',
    new UnknownWebhookError('webhook', 'wh_5f1e2d3c4b5a69788796a5b4'),
  ],
  'webhook-limit': ['/v1/webhooks', new WebhookLimitError(20)],
  'webhook-target': ['/v1/webhooks', new WebhookTargetError('must be a host of the public internet')],
  'metrics-closed': ['/metrics', new MetricsClosedError()],
} as const satisfies Readonly<Record<string, readonly [string, Parameters<typeof problemOf>[0]]>>;

/** A problem type of which there is an example. */
export type ProblemExample = keyof typeof RAISED | 'internal';

/** Whole problems by their type. */
export const PROBLEM_EXAMPLES: Readonly<Record<ProblemExample, Problem>> = {
  ...(Object.fromEntries(
    Object.entries(RAISED).map(([type, [instance, error]]) => [type, problemOf(error, instance, REQUEST_ID)]),
  ) as Record<keyof typeof RAISED, Problem>),
  internal: internalProblem('/v1/prices', REQUEST_ID),
};

/** What every operation under /v1 may be refused with. */
export const COMMON_PROBLEMS: readonly ProblemExample[] = [
  'invalid-input',
  'unauthorized',
  'missing-scope',
  'forbidden-host',
  'rate-limited',
  'internal',
  'database-unavailable',
  'keys-unavailable',
];
/** And what operations with a body may be, beside. */
export const BODY_PROBLEM_TYPES: readonly ProblemExample[] = [
  'malformed-json',
  'too-large',
  'unsupported-media-type',
];
