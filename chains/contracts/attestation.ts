import {
  type Address,
  encodeAbiParameters,
  type Hex,
  hashTypedData,
  type LocalAccount,
  parseAbiParameters,
} from 'viem';

/** EIP-712 type of what the gateway signs for RiskAttestationVerifier. */
export const ATTESTATION_TYPES = {
  Attestation: [
    { name: 'chainId', type: 'uint256' },
    { name: 'verifier', type: 'address' },
    { name: 'consumer', type: 'address' },
    { name: 'account', type: 'bytes32' },
    { name: 'kind', type: 'string' },
    { name: 'data', type: 'bytes' },
    { name: 'asOf', type: 'uint64' },
    { name: 'validFrom', type: 'uint64' },
    { name: 'validUntil', type: 'uint64' },
    { name: 'nonce', type: 'uint256' },
  ],
} as const;

/** What `data` of each kind holds, as `abi.decode` takes it. Amounts have 18 decimals; times are unix seconds. */
export const ATTESTATION_DATA = {
  /** Of one account, in US dollars; `status` 0 healthy, 1 margin call, 2 liquidatable, 3 insolvent, 4 unknown. */
  margin: parseAbiParameters(
    'int256 equity, uint256 initialMargin, uint256 maintenanceMargin, int256 netInitial, int256 netMaintenance, uint8 status, uint64 sequence, bytes32 parametersHash',
  ),
  /** Of one feed, in its quote asset; the feed's id as a left-aligned name. */
  price: parseAbiParameters('bytes32 feed, uint256 price, uint256 confidence, uint64 publishTime'),
  parameter: parseAbiParameters('bytes32 market, string parameter, uint256 value, uint64 effectiveFrom'),
  /** Largest withdrawal of an asset from the account's book at this sequence. */
  withdrawal: parseAbiParameters('bytes32 asset, uint256 maxAmount, uint64 sequence'),
} as const;

export type AttestationKind = keyof typeof ATTESTATION_DATA;

/** One answer for one consumer on one chain. Times are unix seconds; both ends of the window are included. */
export interface Attestation {
  readonly chainId: bigint;
  readonly verifier: Address;
  /** The only contract that may consume it. */
  readonly consumer: Address;
  /** A left-aligned name (`nameToBytes32`); zero where the answer is about no account. */
  readonly account: Hex;
  readonly kind: AttestationKind;
  /** `encodeAbiParameters(ATTESTATION_DATA[kind], values)` */
  readonly data: Hex;
  readonly asOf: bigint;
  readonly validFrom: bigint;
  readonly validUntil: bigint;
  /** Consumed once per consumer. */
  readonly nonce: bigint;
}

/** What viem's `signTypedData`, `hashTypedData` and `recoverTypedDataAddress` take for an attestation. */
export function attestationTypedData(attestation: Attestation) {
  return {
    domain: {
      name: 'Breakwater RiskAttestationVerifier',
      version: '1',
      chainId: Number(attestation.chainId),
      verifyingContract: attestation.verifier,
    },
    types: ATTESTATION_TYPES,
    primaryType: 'Attestation',
    message: attestation,
  } as const;
}

export function attestationDigest(attestation: Attestation): Hex {
  return hashTypedData(attestationTypedData(attestation));
}

export function signAttestation(signer: LocalAccount, attestation: Attestation): Promise<Hex> {
  return signer.signTypedData(attestationTypedData(attestation));
}

export const encodeAttestationData = {
  margin: (value: {
    readonly equity: bigint;
    readonly initialMargin: bigint;
    readonly maintenanceMargin: bigint;
    readonly netInitial: bigint;
    readonly netMaintenance: bigint;
    readonly status: number;
    readonly sequence: bigint;
    readonly parametersHash: Hex;
  }): Hex =>
    encodeAbiParameters(ATTESTATION_DATA.margin, [
      value.equity,
      value.initialMargin,
      value.maintenanceMargin,
      value.netInitial,
      value.netMaintenance,
      value.status,
      value.sequence,
      value.parametersHash,
    ]),
  price: (value: {
    readonly feed: Hex;
    readonly price: bigint;
    readonly confidence: bigint;
    readonly publishTime: bigint;
  }): Hex =>
    encodeAbiParameters(ATTESTATION_DATA.price, [
      value.feed,
      value.price,
      value.confidence,
      value.publishTime,
    ]),
  parameter: (value: {
    readonly market: Hex;
    readonly parameter: string;
    readonly value: bigint;
    readonly effectiveFrom: bigint;
  }): Hex =>
    encodeAbiParameters(ATTESTATION_DATA.parameter, [
      value.market,
      value.parameter,
      value.value,
      value.effectiveFrom,
    ]),
  withdrawal: (value: { readonly asset: Hex; readonly maxAmount: bigint; readonly sequence: bigint }): Hex =>
    encodeAbiParameters(ATTESTATION_DATA.withdrawal, [value.asset, value.maxAmount, value.sequence]),
} as const;
