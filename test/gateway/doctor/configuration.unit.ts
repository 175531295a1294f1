import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkConfiguration } from '../../../gateway/doctor/configuration.ts';
import { findingsOf } from '../../../gateway/doctor/finding.ts';
import { checkModels } from '../../../gateway/doctor/model.ts';
import { exitCodeOf, jsonReport, textReport } from '../../../gateway/doctor/report.ts';
import { SHIPPED_ARTIFACT_DIR } from '../../../models/serving/load-models.ts';

const directory = mkdtempSync(join(tmpdir(), 'breakwater-doctor-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const EXAMPLE = join(import.meta.dirname, '../../../ops/networks/ethereum.json');

describe('configuration', () => {
  test('names every wrong variable, and its value nowhere', () => {
    const { config, findings } = checkConfiguration({ PORT: 'secret-port', LOG_LEVEL: 'loud' }, null);
    expect(config).toBeNull();
    expect(findings.map(({ subject, verdict }) => [subject, verdict])).toEqual([
      ['environment PORT', 'failed'],
      ['environment LOG_LEVEL', 'failed'],
    ]);
    expect(textReport(findings)).not.toContain('secret-port');
    expect(exitCodeOf(findings)).toBe(1);
  });

  test('asks for a network file, and says which one cannot be read', () => {
    expect(checkConfiguration({}, null).findings[1]).toMatchObject({
      subject: 'network file',
      verdict: 'failed',
    });
    const missing = join(directory, 'none.json');
    expect(checkConfiguration({ NETWORK_FILE: missing }, null).findings[1]).toMatchObject({
      subject: 'network file NETWORK_FILE',
      verdict: 'failed',
      detail: 'no such file',
    });
  });

  test('an example without its variable fails by name; with it, what it works without is a warning', () => {
    expect(checkConfiguration({}, EXAMPLE).findings.slice(1)).toMatchObject([
      { verdict: 'failed', detail: 'needs the environment variable ETHEREUM_RPC_URL' },
    ]);
    const environment = { ETHEREUM_RPC_URL: 'https://rpc.example/v2/secret' };
    const { network, findings } = checkConfiguration(environment, EXAMPLE);
    expect(network?.name).toBe('ethereum');
    expect(findings.map(({ subject, verdict }) => [subject, verdict])).toEqual([
      ['environment', 'ok'],
      ['network ethereum', 'ok'],
      ['chain ethereum', 'warning'],
      ['hermes.signerSets', 'warning'],
      ['PYTH_API_KEY', 'warning'],
    ]);
    expect(exitCodeOf(findings)).toBe(0);
  });

  test('a network whose module does not exist fails', () => {
    const file = join(directory, 'network.json');
    writeFileSync(
      file,
      JSON.stringify({
        name: 'x',
        chains: [
          {
            id: 'hub',
            name: 'Hub',
            chainId: 1,
            rpcUrls: ['http://127.0.0.1:1'],
            blockTimeSeconds: 12,
            maxHeadAgeSeconds: 60,
          },
        ],
        feeds: [
          {
            id: 'BTC-USD',
            base: 'BTC',
            quote: 'USD',
            minPrice: '1',
            maxPrice: '9',
            minGroups: 1,
            sources: [
              {
                kind: 'chainlink',
                id: 'c',
                group: 'c',
                maxAgeSeconds: 1,
                chain: 'hub',
                proxy: `0x${'11'.repeat(20)}`,
                decimals: 8,
                heartbeatSeconds: 1,
                deviationBps: 1,
              },
            ],
          },
        ],
        module: { id: 'standard', version: '9.9.9' },
      }),
    );
    const { findings } = checkConfiguration({}, file);
    expect(findings.at(-1)).toMatchObject({ verdict: 'failed' });
    expect(findings.at(-1)!.detail).toContain('9.9.9');
  });
});

describe('model artifact', () => {
  const timeOf = (iso: string) => Date.parse(iso);

  test('the shipped one: hash and training end', async () => {
    const [finding] = await checkModels(timeOf('2026-01-01T00:00:00Z'), null);
    expect(finding).toMatchObject({ area: 'model', verdict: 'ok' });
    expect(finding!.detail).toMatch(/SHA-256 [0-9a-f]{12} as recorded, \d members, trained until \d{4}-/);
  });

  test('old, of the future, damaged and absent ones', async () => {
    expect(await checkModels(timeOf('2035-01-01T00:00:00Z'), null)).toMatchObject([{ verdict: 'warning' }]);
    expect(await checkModels(timeOf('2020-01-01T00:00:00Z'), null)).toMatchObject([{ verdict: 'failed' }]);
    const damaged = join(directory, 'damaged');
    cpSync(SHIPPED_ARTIFACT_DIR, damaged, { recursive: true });
    writeFileSync(join(damaged, 'weights.bin'), 'x');
    const absent = join(directory, 'absent');
    expect(await checkModels(timeOf('2026-01-01T00:00:00Z'), absent, damaged)).toMatchObject([
      {
        subject: 'artifact',
        verdict: 'failed',
        detail: 'manifest.json or weights.bin does not match the hashes of SHA256SUMS',
      },
      { subject: 'candidate', verdict: 'failed', detail: 'cannot be read' },
    ]);
  });
});

test('a report leaves addresses out, counts verdicts and says what to do', () => {
  const { ok, failed } = findingsOf('rpc');
  const findings = [
    ok('one', 'answers'),
    failed('two', 'refused by https://rpc.example/v2/secret', 'change it'),
  ];
  const text = textReport(findings);
  expect(text).toBe(
    'rpc\n  ok       one: answers\n  FAILED   two: refused by <address>\n           to do: change it\n\nfailed: 1 ok, 0 warnings, 1 failed',
  );
  expect(JSON.parse(jsonReport(findings))).toMatchObject({
    verdict: 'failed',
    findings: [{ verdict: 'ok' }, { detail: 'refused by <address>' }],
  });
});
