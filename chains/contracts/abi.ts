import { parseAbi } from 'viem';

/*
 * The parts of our contracts that this program calls, in types. The artifacts hold the whole; a test checks that every
 * item here stands there.
 */

export const riskOracleAbi = parseAbi([
  'struct RiskParameterUpdate { uint256 timestamp; bytes newValue; string referenceId; bytes previousValue; string updateType; uint256 updateId; address market; bytes additionalData; }',
  'event ParameterUpdated(string referenceId, bytes newValue, bytes previousValue, uint256 timestamp, string indexed updateType, uint256 indexed updateId, address indexed market, bytes additionalData)',
  'function getLatestUpdateByParameterAndMarket(string updateType, address market) view returns (RiskParameterUpdate)',
  'function getUpdateById(uint256 updateId) view returns (RiskParameterUpdate)',
  'function latestUpdateIdByMarketAndType(address market, string updateType) view returns (uint256)',
  'function boundsOf(address market, string updateType) view returns (uint256 min, uint256 max)',
  'function updateCounter() view returns (uint256)',
  'function getAllUpdateTypes() view returns (string[])',
  'function isAuthorized(address sender) view returns (bool)',
  'function setBounds(string updateType, address market, uint128 min, uint128 max)',
  'error NotAuthorized(address sender)',
  'error NoBounds(address market, string updateType)',
  'error OutOfBounds(uint256 value, uint256 min, uint256 max)',
  'error UnknownUpdateType(string updateType)',
  'error NoUpdate(address market, string updateType)',
]);

export const riskHubAbi = parseAbi([
  'struct Draft { address market; string updateType; uint256 value; uint64 sequence; string referenceId; bytes extra; }',
  'struct Bounds { address market; string updateType; uint256 minValue; uint256 maxValue; uint256 nonce; uint256 validUntil; }',
  'struct Parameter { address market; string updateType; uint256 value; string referenceId; uint256 nonce; uint256 validUntil; }',
  'struct Committee { address[] approvers; uint256 threshold; address guardian; uint256 nonce; uint256 validUntil; }',
  'struct Line { uint64 sequence; bool bounded; uint256 minValue; uint256 maxValue; }',
  'event Published(address indexed market, string indexed updateType, uint64 indexed sequence, uint256 value, string referenceId, bool byGateway)',
  'event Sent(uint32 indexed dstEid, bytes32 indexed guid, uint64 nonce, uint256 fee)',
  'event Scheduled(bytes32 indexed id, bytes32 indexed subject, uint256 nonce, uint256 readyAt, uint256 validUntil)',
  'event Vetoed(bytes32 indexed id)',
  'event Executed(bytes32 indexed id)',
  'function publish(Draft[] drafts) payable',
  'function quote(Draft[] drafts) view returns (uint256 total, uint256[] fees)',
  'function resend(address market, string updateType, uint32 dstEid) payable',
  'function quoteResend(address market, string updateType, uint32 dstEid) view returns (uint256)',
  'function lineOf(address market, string updateType) view returns (Line)',
  'function nonceOf(address market, string updateType) view returns (uint256)',
  'function nonces(bytes32 subject) view returns (uint256 nonce)',
  'function readyAt(bytes32 id) view returns (uint256 readyAt)',
  'function destinations() view returns (uint32[])',
  'function gateway() view returns (address)',
  'function guardian() view returns (address)',
  'function approvers() view returns (address[])',
  'function threshold() view returns (uint256)',
  'function timeLock() view returns (uint256)',
  'function scheduleBounds(Bounds bounds, bytes[] signatures) returns (bytes32 id)',
  'function executeBounds(Bounds bounds)',
  'function scheduleParameter(Parameter parameter, bytes[] signatures) returns (bytes32 id)',
  'function executeParameter(Parameter parameter) payable',
  'function scheduleCommittee(Committee next, bytes[] signatures) returns (bytes32 id)',
  'function executeCommittee(Committee next)',
  'function veto(bytes32 id)',
  'function stopGateway()',
  'function setGateway(address gateway_)',
  'error NotGateway(address caller)',
  'error NothingToPublish()',
  'error NoBounds(address market, string updateType)',
  'error OutsideBounds(uint256 value, uint256 minValue, uint256 maxValue)',
  'error WrongSequence(uint64 given, uint64 expected)',
  'error NeverPublished(address market, string updateType)',
  'error TooFewApprovals(uint256 given, uint256 needed)',
  'error NotAnApprover(address signer)',
  'error SignersNotAscending(address previous, address next)',
  'error WrongNonce(uint256 given, uint256 expected)',
  'error TooLate(uint256 validUntil)',
  'error NotScheduled(bytes32 id)',
  'error TimeLocked(uint256 readyAt)',
  'error NotGuardian(address caller)',
]);

export const riskReceiverAbi = parseAbi([
  'event Received(bytes32 indexed guid, address indexed market, string indexed updateType, uint64 sequence)',
  'event IgnoredOlder(bytes32 indexed guid, address indexed market, string indexed updateType, uint64 sequence)',
  'function lastSequenceOf(address market, string updateType) view returns (uint64)',
]);

export const attestationVerifierAbi = parseAbi([
  'struct Attestation { uint256 chainId; address verifier; address consumer; bytes32 account; string kind; bytes data; uint64 asOf; uint64 validFrom; uint64 validUntil; uint256 nonce; }',
  'event Consumed(address indexed consumer, uint256 indexed nonce, bytes32 indexed account, address signer)',
  'function verify(Attestation attestation, bytes signature) view returns (address signer)',
  'function consume(Attestation attestation, bytes signature) returns (address signer)',
  'function digestOf(Attestation a) view returns (bytes32)',
  'function isSigner(address signer) view returns (bool)',
  'function isConsumed(address consumer, uint256 nonce) view returns (bool)',
  'function domainSeparator() view returns (bytes32)',
  'function setSigner(address signer, bool trusted)',
  'error WrongChain(uint256 named, uint256 here)',
  'error WrongVerifier(address named)',
  'error NotYetValid(uint256 validFrom)',
  'error Expired(uint256 validUntil)',
  'error NonceConsumed(address consumer, uint256 nonce)',
  'error UnknownSigner(address signer)',
  'error NotConsumer(address caller, address consumer)',
  'error InvalidSignature()',
]);

export const riskSubjectAbi = parseAbi([
  'struct RiskPosition { uint8 kind; bytes32 market; int256 size; uint256 entryPrice; int256 unsettledFunding; }',
  'struct RiskBook { uint64 sequence; int256 cash; RiskPosition[] positions; }',
  'function positionsOf(bytes32 account) view returns (RiskBook)',
  'function accountCount() view returns (uint256)',
  'function accountsFrom(uint256 offset, uint256 limit) view returns (bytes32[])',
]);
