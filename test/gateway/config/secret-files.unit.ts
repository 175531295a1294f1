import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readEnvironment } from '../../../gateway/config/env.ts';
import { loadNetworkFile } from '../../../gateway/config/load-network.ts';
import { withSecretFiles } from '../../../gateway/config/secret-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'breakwater-secrets-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const file = (name: string, content: string) => {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
};

test('a variable is read from the file that NAME_FILE names, without the line break', () => {
  const url = 'postgres://breakwater:p%40ss@db:5432/breakwater';
  const DATABASE_URL_FILE = file('database', `${url}\n`);
  const hash = 'ab'.repeat(32);
  const METRICS_KEY_SHA256_FILE = file('metrics', hash);
  expect(readEnvironment({ DATABASE_URL_FILE, METRICS_KEY_SHA256_FILE })).toMatchObject({
    databaseUrl: url,
    metricsKeyHash: hash,
  });
});

test('both, an absent file and an empty one are refused by name; values are not quoted', () => {
  const REDIS_URL_FILE = file('redis', 'redis://:secret@r:6379');
  const all = {
    REDIS_URL_FILE,
    REDIS_URL: 'redis://other:6379',
    DATABASE_URL_FILE: join(directory, 'none'),
    API_KEYS_FILE: file('empty', '\n'),
  };
  expect(() => readEnvironment(all)).toThrow(
    /DATABASE_URL_FILE: no such file[\s\S]*REDIS_URL_FILE: is given beside REDIS_URL[\s\S]*API_KEYS_FILE: names a file that is empty/,
  );
  expect(() => readEnvironment({ REDIS_URL_FILE: file('bad', 'not-a-url-secret') })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('not-a-url-secret') }),
  );
});

test('files that are not ours are not read; NETWORK_FILE keeps its meaning', () => {
  const environment = { SSL_CERT_FILE: join(directory, 'none'), NETWORK_FILE: 'ops/networks/ethereum.json' };
  expect(readEnvironment(environment).networkFile).toBe('ops/networks/ethereum.json');
  expect(withSecretFiles(environment, ['NETWORK', 'SSL'])).toEqual(environment);
});

test('a reference of the network file may come from a file', () => {
  const ETHEREUM_RPC_URL_FILE = file('rpc', 'https://rpc.example/v2/key\n');
  const network = loadNetworkFile(join(import.meta.dirname, '../../../ops/networks/ethereum.json'), {
    ETHEREUM_RPC_URL_FILE,
  });
  expect(network.chains[0]!.rpcUrls).toEqual(['https://rpc.example/v2/key']);
});
