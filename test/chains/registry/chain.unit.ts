import { describe, expect, it } from 'vitest';
import { chainSchema } from '../../../chains/registry/chain.ts';

const plain = {
  id: 'base',
  name: 'Base',
  chainId: 8453,
  rpcUrls: ['https://example.org'],
  blockTimeSeconds: 2,
  maxHeadAgeSeconds: 60,
};
const address = `0x${'ab'.repeat(20)}`;

describe('a chain of the network file', () => {
  it('publishes nothing and backs nothing elsewhere unless it says how', () => {
    expect(chainSchema.parse(plain)).toMatchObject({ layerZero: null, crossChain: null, risk: null });
  });

  it('says where its contracts are, and what value on it is worth elsewhere', () => {
    const crossChain = { finalitySeconds: 900, messageSeconds: 60, trustWeight: 0.9 };
    const risk = { oracle: address, receiver: address, subjects: { 'venue-1': address } };
    expect(chainSchema.parse({ ...plain, crossChain, risk })).toMatchObject({
      crossChain,
      risk: {
        oracle: address,
        hub: null,
        receiver: address,
        verifier: null,
        subjects: { 'venue-1': address },
      },
    });
  });

  it.each([
    ['crossChain.trustWeight', { crossChain: { finalitySeconds: 1, messageSeconds: 1, trustWeight: 1.01 } }],
    [
      'crossChain.trustWeight',
      { crossChain: { finalitySeconds: 1, messageSeconds: 1, trustWeight: Number.NaN } },
    ],
    [
      'crossChain.finalitySeconds',
      { crossChain: { finalitySeconds: -1, messageSeconds: 1, trustWeight: 1 } },
    ],
    ['crossChain.messageSeconds', { crossChain: { finalitySeconds: 1, trustWeight: 1 } }],
    ['risk.oracle', { risk: { oracle: '0x12' } }],
    ['risk.subjects.Venue One', { risk: { oracle: address, subjects: { 'Venue One': address } } }],
    ['risk', { risk: { oracle: address, oracles: address } }],
  ])('names %s when it is wrong', (field, change) => {
    const { error } = chainSchema.safeParse({ ...plain, ...change });
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([field]);
  });
});
