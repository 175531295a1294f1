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

  describe('with venues', () => {
    const other = `0x${'cd'.repeat(20)}`;
    const issues = (risk: object) =>
      (chainSchema.safeParse({ ...plain, risk: { oracle: address, ...risk } }).error?.issues ?? []).map(
        ({ path, message }) => [path.join('.'), message],
      );

    it('refuses a venue of two protocols, however its address is written', () => {
      const subjects = { 'venue-1': address };
      expect(issues({ subjects, protocols: { alpha: [address, other], beta: [other] } })).toEqual([]);
      // One protocol may name it twice.
      expect(issues({ subjects, protocols: { alpha: [address, address] } })).toEqual([]);
      const upper = `0x${'AB'.repeat(20)}`;
      expect(issues({ subjects, protocols: { alpha: [address], beta: [other, upper] } })).toEqual([
        [
          'risk.protocols.beta.1',
          "is the venue 'venue-1' of the protocol 'alpha': a venue belongs to one protocol",
        ],
      ]);
    });

    it('refuses a venue under two names: its books would count twice', () => {
      expect(issues({ subjects: { one: address, two: address } })).toEqual([
        ['risk.subjects.two', "is the venue 'one' already: its books would count twice"],
      ]);
    });
  });

  it('may state haircut parameters of its own, within their ranges', () => {
    const link = { finalitySeconds: 1, messageSeconds: 1, trustWeight: 1 };
    const own = {
      quantile: 0.99,
      deviations: 3,
      stableVolatility: 0.1,
      finalityMultiple: 2,
      messageMultiple: 4,
    };
    expect(chainSchema.parse({ ...plain, crossChain: { ...link, ...own } }).crossChain).toEqual({
      ...link,
      ...own,
    });
    expect(chainSchema.parse({ ...plain, crossChain: link }).crossChain).toEqual(link);
    for (const wrong of [{ quantile: 1 }, { deviations: -1 }, { finalityMultiple: 0 }, { unknown: 1 }])
      expect(chainSchema.safeParse({ ...plain, crossChain: { ...link, ...wrong } }).success).toBe(false);
  });
});
