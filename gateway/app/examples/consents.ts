import { writeCursor } from '../../schemas/page.ts';
import { FAR_AHEAD_MS } from './moments.ts';
import type { Examples } from './types.ts';

const ID = '0xfd8953c4712454ea0883f0c1027c4a8b8b32eb4cf1a9f12f4545e9eede0fc677';
const SIGNATURE =
  '0xea61e310f94ac5cd8cfed38216247dfa0de5e6420ade740c9809cdc1daeadefb32b99609e9782c8d41a29ac5c5ebc327a6f5f27080a395f54a561dfb1b5a8d411b';

/** The demo nets nothing: there is one protocol. */
export const CONSENT_EXAMPLES: Examples = {
  listConsents: { parameters: { limit: 10, cursor: writeCursor('consents', [FAR_AHEAD_MS, ID]) } },
  fileConsent: {
    requests: {
      consent: {
        summary: 'Net a book of perpetuals here with one of options there',
        description: 'The document as its owner signed it; the other protocol files the same.',
        value: {
          consent: {
            owner: '0x8b22da92c787af6b0bc1523476ab5e8c5b223bba',
            sides: [
              { protocol: 'local', account: 'demo', sees: 'totals' },
              { protocol: 'options-venue', account: 'desk-7', sees: 'totals' },
            ],
            module: 'scenario@2.1.0',
            parametersHash: '0xc5de5635eae137e9a91a3eb7e62ae04096b8bf54c87e4ea6fbf88ca2505c91b9',
            nonce: '0x1f0e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0',
            issuedAt: 1751374800,
            validUntil: 1753966800,
          },
          signature: SIGNATURE,
          maxRelief: '5000',
        },
      },
    },
    problems: [
      'unknown-account',
      'module-not-found',
      'consent-refused',
      'consent-conflict',
      'consent-ended',
      'consents-not-configured',
    ],
    refused: 'consents-not-configured',
  },
  getConsent: { parameters: { id: ID }, problems: ['unknown-consent'], refused: 'unknown-consent' },
  revokeConsent: {
    parameters: { id: ID },
    requests: {
      revocation: {
        summary: 'The owner ends it',
        description: 'Signed by the owner over `revocation` of the consent (EIP-712).',
        value: {
          signature:
            '0x359ce05c2d26608ed4cbb4e5cc3401d6f17748034191035ca7dc7d24a17f9ce56402eb3a1b20330d10367835e4bad427f2d25fd7c4d2207966ff4a87399668371b',
        },
      },
    },
    problems: ['unknown-consent', 'consents-not-configured', 'consent-refused'],
    refused: 'consents-not-configured',
  },
  withdrawConsent: { parameters: { id: ID }, problems: ['unknown-consent'], refused: 'unknown-consent' },
};
