import { describe, expect, it } from 'vitest';
import { loadNetworkFile } from '../../../gateway/config/load-network.ts';
import { canonicalJson, riskConfiguration } from '../../../gateway/engine/risk-configuration.ts';

const network = (parameters: Record<string, unknown>) => {
  const file = loadNetworkFile('ops/networks/ethereum.json', { ETHEREUM_RPC_URL: 'http://127.0.0.1:1' });
  return { ...file, module: { ...file.module, parameters } };
};

describe('the parameters hash', () => {
  it('is the same however the parameters are written, and names every one of them', () => {
    const one = riskConfiguration(network({ warningRatio: 0.2, liquidationCostRate: 0.01 }));
    const two = riskConfiguration(network({ liquidationCostRate: 0.01, warningRatio: 0.2 }));
    expect(one.parametersHash).toMatch(/^[0-9a-f]{64}$/);
    expect(two.parametersHash).toBe(one.parametersHash);
    const other = riskConfiguration(network({ warningRatio: 0.2, liquidationCostRate: 0.0101 }));
    expect(other.parametersHash).not.toBe(one.parametersHash);
  });

  it('does not tell a default that is written out from one that is not', () => {
    const bare = riskConfiguration(network({}));
    const { warningRatio } = bare.parameters as { warningRatio: number };
    expect(riskConfiguration(network({ warningRatio })).parametersHash).toBe(bare.parametersHash);
  });
});

it('knows the feed of each asset in id order, and refuses unknown modules and parameters by name', () => {
  expect([...riskConfiguration(network({})).assetFeeds]).toEqual([
    ['BTC', 'BTC-USD'],
    ['ETH', 'ETH-USD'],
    ['USDC', 'USDC-USD'],
  ]);
  expect(() => riskConfiguration(network({ leverage: 5 }))).toThrow('leverage');
  const file = network({});
  expect(() => riskConfiguration({ ...file, module: { ...file.module, version: '9.9.9' } })).toThrow(
    'no risk module standard@9.9.9',
  );
});

it('sorts keys at every depth and leaves arrays in order', () => {
  expect(canonicalJson({ b: [{ d: 1, c: 2 }, 0], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1},0]}');
});
