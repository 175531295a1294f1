import { type Address, type Hex, hashTypedData, keccak256, stringToHex } from 'viem';
import type { ConsentDocument } from '../../db/queries/consents.ts';

/** What an account owner signs (EIP-712). This file is the only place that knows the types. */
export const CONSENT_NAME = 'Breakwater Netting Consent';
export const CONSENT_VERSION = '1';

export const CONSENT_TYPES = {
  NettingConsent: [
    { name: 'owner', type: 'address' },
    { name: 'sides', type: 'NettingSide[]' },
    { name: 'module', type: 'string' },
    { name: 'parametersHash', type: 'bytes32' },
    { name: 'nonce', type: 'bytes32' },
    { name: 'issuedAt', type: 'uint64' },
    { name: 'validUntil', type: 'uint64' },
  ],
  NettingSide: [
    { name: 'protocol', type: 'string' },
    { name: 'account', type: 'string' },
    { name: 'sees', type: 'string' },
  ],
} as const;

export const REVOCATION_TYPES = { NettingRevocation: [{ name: 'consent', type: 'bytes32' }] } as const;

/** The deployment that a signature is for; another chain or another name is another domain. */
export interface ConsentDomain {
  readonly chainId: number;
  /** Name of the deployment, as the operator states it; its hash is the salt of the domain. */
  readonly deployment: string;
}

function domainOf({ chainId, deployment }: ConsentDomain) {
  const salt = keccak256(stringToHex(deployment));
  return { name: CONSENT_NAME, version: CONSENT_VERSION, chainId, salt };
}

/** The typed data of a consent, as viem and wallets take it. */
export function consentTypedData(domain: ConsentDomain, document: ConsentDocument) {
  return {
    domain: domainOf(domain),
    types: CONSENT_TYPES,
    primaryType: 'NettingConsent',
    message: {
      owner: document.owner as Address,
      sides: document.sides,
      module: `${document.moduleId}@${document.moduleVersion}`,
      parametersHash: document.parametersHash as Hex,
      nonce: document.nonce as Hex,
      issuedAt: BigInt(document.issuedAt),
      validUntil: BigInt(document.validUntil),
    },
  } as const;
}

/** The typed data by which the owner ends a consent. */
export function revocationTypedData(domain: ConsentDomain, consent: string) {
  return {
    domain: domainOf(domain),
    types: REVOCATION_TYPES,
    primaryType: 'NettingRevocation',
    message: { consent: consent as Hex },
  } as const;
}

/** Id of a consent: its digest in the domain. */
export const consentId = (domain: ConsentDomain, document: ConsentDocument): Hex =>
  hashTypedData(consentTypedData(domain, document));
