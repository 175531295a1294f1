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
        description: 'Signed by two approvers of the hub of the demo.',
        value: {
          market: 'BTC-PERP',
          updateType: 'initialMarginRate',
          decision: { kind: 'bounds', min: '0.05', max: '0.6' },
          nonce: '0',
          validUntil: '1790000000',
          signatures: [
            '0xcc2e7cd9c33b1c2b24bd3cdf7229ea06cb4f3e93f6f643f76db3434027a81c0966268a0bc28a6bcbc444df9f7d44e07d292fc74f7b8e7651a2c67a1dee4629981c',
            '0x99e50d754b93684e45b938de9ab63ab310dcdf5ed3e9aa98d63265567924dd017cfd5dc089e6bf5bfe5773354b9474f87aaa1722903705e198b28bd484650e051c',
          ],
        },
      },
      value: {
        summary: 'A value, whatever the forecast says',
        value: {
          market: 'ETH-PERP',
          updateType: 'maintenanceMarginRate',
          decision: { kind: 'parameter', value: '0.2', referenceId: 'vote 2025-07-01' },
          nonce: '0',
          validUntil: '1790000000',
          signatures: [
            '0x22d8caa14ea21c261a08840bcd32af051f1f825fa2fccaa1e11b6ff92ae3ea3f5f589ed80140d52e875a3dd1699f4665b5de5fc55225fffb20c5f308a593a7101c',
            '0xd0d5791aa849be96fb8b4700837f43d7d4306a25e6ed178137fe3b05ca21042b5e63aa5fbd39d3374ee5c574db8a3945bbd07e214aa24045d5cb93d1f944f7e81c',
          ],
        },
      },
    },
    problems: ['unknown-parameter-line'],
  },
};
