import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashKey } from '../../../gateway/auth/keys.ts';
import { type LiveNetwork, startLiveNetwork } from '../../helpers/live-network.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { type Program, runEntry } from '../../helpers/program.ts';
import { until } from '../../helpers/until.ts';
import { consentDocument, signedConsent } from '../support/consents.ts';
import { pick } from '../support/contract.ts';

const PATIENCE_MS = 240_000;
const DOMAIN = { chainId: 31337, deployment: 'breakwater.live-test' };
type Protocol = 'alpha' | 'beta';

describe('consents on the running service: a gateway with its workers, and another gateway', {
  timeout: 480_000,
}, () => {
  let network: LiveNetwork;
  let postgres: TestPostgres;
  const programs: Program[] = [];
  let gateways: readonly [string, string];

  beforeAll(async () => {
    network = await startLiveNetwork();
    const file = join(network.directory, 'consents.json');
    const consents = { chain: 'hub', deployment: DOMAIN.deployment };
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(network.file, 'utf8')), consents }));
    postgres = await startTestPostgres();
    const database = await postgres.openMigrated();
    const run = (entry: string) => {
      const program = runEntry(entry, [], {
        NETWORK_FILE: file,
        DATABASE_URL: database.url,
        API_KEYS: ['alpha', 'beta'].map((name) => `${name}:${hashKey(name)}:read+write+govern`).join(','),
        PORT: '0',
        LOG_LEVEL: 'warn',
        FORECAST_INTERVAL_MS: '5000',
        SNAPSHOT_INTERVAL_MS: '300',
        POLL_INTERVAL_MS: '300',
        SWEEP_INTERVAL_MS: '500',
      });
      programs.push(program);
      return program.printed(/network live-test, (http:\S+)/, PATIENCE_MS).then((match) => match[1]!);
    };
    gateways = [await run('gateway/start.ts'), await run('gateway/gateway.ts')];
    for (const url of gateways) {
      await until(
        `${url} to be ready`,
        async () => (await fetch(`${url}/ready`)).status === 200,
        PATIENCE_MS,
      );
    }
  }, 480_000);
  afterAll(async () => {
    for (const program of programs) {
      program.child.kill('SIGTERM');
      await program.exited;
    }
    await postgres?.stop();
    await network?.stop();
  });

  const send = async (
    url: string,
    protocol: Protocol,
    path: string,
    init: { method?: string; body?: unknown } = {},
  ) => {
    const answer = await fetch(url + path, {
      method: init.method ?? 'GET',
      headers: { authorization: `Bearer ${protocol}`, 'content-type': 'application/json' },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
    const text = await answer.text();
    return { status: answer.status, text, json: JSON.parse(text) as unknown };
  };
  const push = (protocol: Protocol, size: string) =>
    send(gateways[0], protocol, '/v1/accounts/one/positions', {
      method: 'PUT',
      body: {
        ...{ sequence: 1, cash: '30000' },
        positions: [{ id: 'p', kind: 'perp', market: 'BTC-PERP', size, entryPrice: '60000', chain: 'hub' }],
      },
    });
  const margin = (url: string, protocol: Protocol, query = '') =>
    send(url, protocol, `/v1/accounts/one/margin${query}`);

  it('nets on every gateway and in the sweep, answers the past alike, and ends everywhere at once', async () => {
    await push('alpha', '1');
    await push('beta', '-1');
    const usable = async (protocol: Protocol) => {
      const { json } = await margin(gateways[0], protocol);
      return pick(json, 'stale') === false && pick(json, 'status') === 'healthy' ? json : null;
    };
    await until('prices that may be used', () => usable('alpha'), PATIENCE_MS);
    const { json: scenario } = await margin(gateways[0], 'alpha', '?module=scenario@2.1.0');
    const now = Math.floor(Date.now() / 1000);
    const { id, body } = await signedConsent(
      consentDocument('alpha/one', 'beta/one', {
        ...{ issuedAt: now, validUntil: now + 3600 },
        parametersHash: `0x${String(pick(scenario, 'parametersHash'))}`,
      }),
      { domain: DOMAIN },
    );
    const file = (url: string, protocol: Protocol) =>
      send(url, protocol, '/v1/consents', { method: 'POST', body });
    expect((await file(gateways[0], 'alpha')).json).toMatchObject({ id, state: 'pending' });
    expect((await file(gateways[1], 'beta')).json).toMatchObject({ id, state: 'in-force' });

    const netted = async (url: string, protocol: Protocol) => {
      const { json } = await margin(url, protocol);
      const suspended = pick(json, 'netting', 'suspended');
      return suspended === null ? json : null;
    };
    for (const url of gateways) {
      for (const protocol of ['alpha', 'beta'] as const) {
        const json = await until(
          `${protocol} to be netted on ${url}`,
          () => netted(url, protocol),
          PATIENCE_MS,
        );
        const relief = Number(pick(json, 'netting', 'relief', 'initial'));
        expect(relief).toBeGreaterThan(0);
        expect(pick(json, 'netting', 'consent')).toBe(id);
      }
    }

    const atMs = Date.now();
    const past = (url: string, protocol: Protocol) =>
      until(
        `the margin of ${protocol} at ${atMs}`,
        async () => {
          const { status, text } = await margin(url, protocol, `?at=${new Date(atMs).toISOString()}`);
          return status === 200 ? text : null;
        },
        PATIENCE_MS,
      );
    const given = await past(gateways[0], 'alpha');
    expect(await past(gateways[1], 'alpha')).toBe(given);
    expect(pick(JSON.parse(given), 'netting', 'consent')).toBe(id);

    const swept = async (protocol: Protocol) =>
      Number(
        pick((await send(gateways[1], protocol, '/v1/accounts')).json, 'accounts', 0, 'margin', 'initial'),
      );
    const alone = async (protocol: Protocol) =>
      Number(
        pick((await margin(gateways[0], protocol, '?module=standard@1.0.0')).json, 'requirement', 'initial'),
      );
    for (const protocol of ['alpha', 'beta'] as const) {
      await until(
        `the sweep to store the netted margin of ${protocol}`,
        async () => (await swept(protocol)) < 0.99 * (await alone(protocol)),
        PATIENCE_MS,
      );
    }

    const ended = await send(gateways[1], 'beta', `/v1/consents/${id}`, { method: 'DELETE' });
    expect(ended.json).toMatchObject({ state: 'ended', endedBy: 'beta' });
    // No waiting: the other gateway may not have been told, the database decides.
    for (const url of gateways) {
      for (const protocol of ['alpha', 'beta'] as const) {
        expect((await margin(url, protocol)).text).not.toContain('netting');
      }
    }
    expect(await past(gateways[1], 'alpha')).toBe(given);
    await until(
      'the sweep to store the margin alone',
      async () => (await swept('alpha')) > 0.999 * (await alone('alpha')),
      PATIENCE_MS,
    );
  });
});
