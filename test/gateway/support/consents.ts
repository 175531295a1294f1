import { randomBytes } from 'node:crypto';
import type { PrivateKeyAccount } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { ConsentDocument, Sees } from '../../../db/queries/consents.ts';
import {
  type ConsentDomain,
  consentId,
  consentTypedData,
  revocationTypedData,
} from '../../../gateway/consents/consent-types.ts';
import { hexHash } from '../../../gateway/consents/consents.ts';
import { pinnedModel } from '../../../gateway/governance/pinned-model.ts';
import { NOW_MS } from './market.ts';
import { CONSENT_DOMAIN } from './tenancy.ts';

/** A wallet of tests only. */
export const OWNER = privateKeyToAccount(`0x${'0b'.repeat(32)}`);

export const NETTING_MODULE = { moduleId: 'scenario', moduleVersion: '2.1.0' } as const;

const side = (name: string, sees: Sees) => {
  const [protocol, account] = name.split('/') as [string, string];
  return { protocol, account, sees };
};

/** A document over `protocol/account` and `protocol/account`, as it is signed. */
export function consentDocument(
  first: string,
  second: string,
  changes: Partial<ConsentDocument> & { readonly sees?: readonly [Sees, Sees] } = {},
): ConsentDocument {
  const { sees = ['totals', 'totals'], ...rest } = changes;
  const { moduleId, moduleVersion } = NETTING_MODULE;
  return {
    owner: OWNER.address.toLowerCase(),
    sides: [side(first, sees[0]), side(second, sees[1])],
    ...NETTING_MODULE,
    parametersHash: hexHash(pinnedModel(moduleId, moduleVersion, {}).parametersHash),
    nonce: `0x${randomBytes(32).toString('hex')}`,
    issuedAt: NOW_MS / 1000 - 60,
    validUntil: NOW_MS / 1000 + 86_400,
    ...rest,
  };
}

export interface SignedConsent {
  readonly id: string;
  /** Of `POST /v1/consents`. */
  readonly body: { readonly consent: Record<string, unknown>; readonly signature: string };
  /** Of `POST /v1/consents/{id}/revocation`. */
  readonly revocation: { readonly signature: string };
}

export async function signedConsent(
  document: ConsentDocument,
  {
    wallet = OWNER,
    domain = CONSENT_DOMAIN,
  }: { readonly wallet?: PrivateKeyAccount; readonly domain?: ConsentDomain } = {},
): Promise<SignedConsent> {
  const { moduleId, moduleVersion, ...fields } = document;
  const id = consentId(domain, document);
  return {
    id,
    body: {
      consent: { ...fields, module: `${moduleId}@${moduleVersion}` },
      signature: await wallet.signTypedData(consentTypedData(domain, document)),
    },
    revocation: { signature: await wallet.signTypedData(revocationTypedData(domain, id)) },
  };
}
