import { writeCursor } from '../../schemas/page.ts';
import { FAR_AHEAD_MS } from './moments.ts';
import type { Examples } from './types.ts';

export const PUBLICATION_EXAMPLES: Examples = {
  listPublications: {
    parameters: { limit: 10, cursor: writeCursor('publications', [FAR_AHEAD_MS, `0x${'0'.repeat(64)}`]) },
  },
  publishDecision: {
    requests: {
      bounds: {
        summary: 'New bounds for what forecasts may publish',
        description:
          'Signed by two approvers of the hub of the demo. A nonce is used once: sent a second time it is the same publication.',
        value: {
          market: 'BTC-PERP',
          updateType: 'initialMarginRate',
          decision: { kind: 'bounds', min: '0.05', max: '0.6' },
          nonce: '1',
          validUntil: '1790000000',
          signatures: [
            '0x98ae2fde98ca2f588554fd8e0a4dd3cdf27d01f2db07a0c4d3ce753e2db0c539121647907d74881abc253d909d431cd4faa12a7d4ab50154548584c927be09f11c',
            '0x43cdf1ef0e63f681a0aa7df1ae211227a60303a7aa676d5e3b78cee59a2422f15ff7711960a6c2e2675b4b14610e7384f74ef0c907e9d5eb8bc5b5cb0959088c1b',
          ],
        },
      },
      value: {
        summary: 'A value, whatever the forecast says',
        value: {
          market: 'ETH-PERP',
          updateType: 'maintenanceMarginRate',
          decision: { kind: 'parameter', value: '0.2', referenceId: 'vote 2025-07-01' },
          nonce: '1',
          validUntil: '1790000000',
          signatures: [
            '0xc19d4c552817e2d49916178bec71945a20548b9eb580a7895d2998c80dd24f3e420d962c8f3ba72e76652bc5764f7cd2cc161843c939ea0b91124439ccae1f6d1b',
            '0x01715767ecb2e34f75c0b0a60272a38e85a4a9f06170b11fb1e4678209eac6235c7f3a20c397739267f7f7dd1e26b2db6dc0e0f837dd9118a34417e31dbe892e1c',
          ],
        },
      },
    },
    problems: ['unknown-parameter-line'],
  },
};
