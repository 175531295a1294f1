import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../gateway/config/config-error.ts';
import { loadNetworkFile, parseNetwork } from '../../../gateway/config/load-network.ts';

const CHAIN = {
  id: 'hub',
  name: 'Hub',
  chainId: 1,
  rpcUrls: ['${HUB_RPC}'],
  blockTimeSeconds: 12,
  maxHeadAgeSeconds: 60,
};
const SOURCE = {
  id: 'chainlink:hub',
  group: 'chainlink',
  kind: 'chainlink',
  chain: 'hub',
  proxy: `0x${'11'.repeat(20)}`,
  decimals: 8,
  heartbeatSeconds: 3600,
  deviationBps: 50,
  maxAgeSeconds: 4000,
};
const FEED = {
  id: 'BTC-USD',
  base: 'BTC',
  quote: 'USD',
  minPrice: '1',
  maxPrice: '1000000',
  sources: [SOURCE],
};
const NETWORK = {
  name: 'example',
  chains: [CHAIN],
  feeds: [FEED],
  module: { id: 'standard', version: '1.0.0' },
};
const ENV = { HUB_RPC: 'http://127.0.0.1:8545' };

function faults(text: string, env: Record<string, string> = ENV) {
  try {
    parseNetwork(text, 'net.json', env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('parseNetwork', () => {
  test('reads a file and takes values from the environment', () => {
    const network = parseNetwork(JSON.stringify(NETWORK), 'net.json', ENV);
    expect(network.chains[0]?.rpcUrls).toEqual(['http://127.0.0.1:8545']);
    expect(network.feeds[0]?.minGroups).toBe(2);
  });

  test('refuses a class whose quorum the sources cannot reach, and an unknown chain of use', () => {
    const feed = { ...FEED, class: 'major', usedOn: 'mars' };
    const found = faults(JSON.stringify({ ...NETWORK, feeds: [feed] })).message;
    expect(found).toContain(
      'feeds[0].fullGroups: 3 groups are needed for new risk and liquidation, the sources are of 1',
    );
    expect(found).toContain("feeds[0].usedOn: no chain 'mars' in this file");
    const stated = { ...FEED, class: 'major', fullGroups: 1 };
    expect(
      parseNetwork(JSON.stringify({ ...NETWORK, feeds: [stated] }), 'net.json', ENV).feeds[0]!.class,
    ).toBe('major');
  });

  test('names every problem by its path', () => {
    const broken = {
      ...NETWORK,
      surprise: 1,
      chains: [{ ...CHAIN, chainId: 'one' }],
      feeds: [{ ...FEED, sources: [{ ...SOURCE, proxy: '0x12' }] }],
    };
    expect(faults(JSON.stringify(broken)).issues.map((issue) => issue.field)).toEqual([
      'chains[0].chainId',
      'feeds[0].sources[0].proxy',
      'surprise',
    ]);
  });

  test('a variable that is not set is the problem, not the text in its place', () => {
    expect(faults(JSON.stringify(NETWORK), {}).issues).toEqual([
      { field: 'chains[0].rpcUrls[0]', message: 'needs the environment variable HUB_RPC' },
    ]);
  });

  test('bare text that is not JSON is named by its position', () => {
    expect(faults('{\n  "name": example\n}').issues).toEqual([
      { field: 'name', message: 'must have a JSON value here (line 2, column 11)' },
    ]);
  });

  test('a repeated key is refused: which one counts would be luck', () => {
    expect(faults('{"name":"a","name":"b"}').issues).toEqual([
      { field: 'name', message: 'appears twice in one object' },
    ]);
  });

  test('a missing file names itself and NETWORK_FILE', () => {
    expect(() => loadNetworkFile('/nowhere/net.json', {})).toThrow(
      /\/nowhere\/net\.json.*\n.*NETWORK_FILE: no such file/,
    );
  });
});
