import type { Examples } from './types.ts';

/** The address that the demo signs for is one where nothing is. */
const FOR = {
  chain: 'hub',
  consumer: '0x00000000000000000000000000000000000000c0',
  nonce: '1',
  validFor: 15,
};
const REFUSED = ['attestations-not-configured', 'attestation-refused', 'key-management'] as const;

export const ATTESTATION_EXAMPLES: Examples = {
  attestMargin: {
    parameters: { id: 'demo', ...FOR },
    problems: ['unknown-account', 'consumer-not-allowed', ...REFUSED],
  },
  attestPrice: { parameters: { id: 'BTC-USD', ...FOR }, problems: ['unknown-feed', ...REFUSED] },
  attestWithdrawal: {
    parameters: { id: 'demo', asset: 'ETH', ...FOR, chain: 'l2', amount: '0.5' },
    problems: ['unknown-account', 'consumer-not-allowed', ...REFUSED],
  },
  attestParameter: {
    parameters: { market: 'BTC-PERP', parameter: 'initialMarginRate', ...FOR },
    problems: ['unknown-market', 'consumer-not-allowed', ...REFUSED],
  },
};
