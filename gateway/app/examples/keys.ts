import type { Examples, FromAnswer } from './types.ts';

const KEY: FromAnswer = { example: 'bw_3k7qz2m5xa', of: 'createKey', at: ['key', 'id'] };

export const KEY_EXAMPLES: Examples = {
  createKey: {
    requests: {
      'first-key': {
        summary: 'The first key of a protocol, with every scope',
        description:
          'With the first key a gateway begins to ask for one: keep `secret` of the answer, or nothing is answered any more.',
        value: { name: 'operator', scopes: ['read', 'write', 'govern', 'admin'] },
      },
      reader: {
        summary: 'A key that reads, for 90 days',
        value: { name: 'risk dashboard', scopes: ['read'], expiresInSeconds: 7_776_000 },
      },
    },
  },
  listKeys: {},
  rotateKey: {
    parameters: { id: KEY },
    requests: {
      overlap: {
        summary: 'The old key works for another hour',
        value: { overlapSeconds: 3600, expiresInSeconds: 7_776_000 },
      },
    },
    problems: ['unknown-key', 'key-not-active'],
  },
  revokeKey: { parameters: { id: KEY }, problems: ['unknown-key'] },
};
