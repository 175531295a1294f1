import { describe, expect, test } from 'vitest';
import { hashKey } from '../../../gateway/auth/keys.ts';
import { ConfigurationError } from '../../../gateway/config/config-error.ts';
import { readEnvironment } from '../../../gateway/config/env.ts';

function faults(env: Record<string, string>) {
  try {
    readEnvironment(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('readEnvironment', () => {
  test('nothing set gives the documented defaults', () => {
    expect(readEnvironment({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      databaseUrl: null,
      redisUrl: null,
      dataDir: '.data',
      networkFile: null,
      modelCandidateDir: null,
      chainKey: { key: null, file: null },
      logLevel: 'info',
      apiKeys: [],
      requireKeys: false,
      metricsKeyHash: null,
      adminKeyHash: null,
      webhookAllowPrivate: false,
      attester: { key: null, keyFile: null },
      maxBodyBytes: 1_048_576,
      rateLimitPerMinute: 60_000,
      pollIntervalMs: 1_000,
      snapshotIntervalMs: 5_000,
      forecastIntervalMs: 60_000,
      sweepIntervalMs: 2_000,
      sweepShards: 4,
      metricsHost: '127.0.0.1',
      metricsPort: 0,
      drainDelayMs: 0,
      startPatienceSeconds: 60,
    });
  });

  test('what is set is taken, empty counts as not set, others are ignored', () => {
    const config = readEnvironment({
      HOST: '0.0.0.0',
      PORT: '0',
      DATABASE_URL: 'postgres://u:p@db:5432/x',
      REDIS_URL: '',
      LOG_LEVEL: ' debug ',
      API_KEYS: `venue:${hashKey('k')}`,
      BREAKWATER_UNKNOWN: '1',
    });
    expect(config).toMatchObject({
      host: '0.0.0.0',
      port: 0,
      databaseUrl: 'postgres://u:p@db:5432/x',
      redisUrl: null,
      logLevel: 'debug',
    });
    expect(config.apiKeys.map((key) => key.protocol)).toEqual(['venue']);
  });

  test('every wrong variable is named in one error, without its value', () => {
    const error = faults({
      PORT: '70000',
      DATABASE_URL: 'mysql://root:hunter2@db',
      REDIS_URL: 'not a url',
      LOG_LEVEL: 'loud',
      API_KEYS: 'venue:hunter2',
      POLL_INTERVAL_MS: '1e3',
      SWEEP_INTERVAL_MS: '-5',
    });
    expect(error.issues.map((issue) => issue.field)).toEqual([
      'PORT',
      'DATABASE_URL',
      'REDIS_URL',
      'LOG_LEVEL',
      'POLL_INTERVAL_MS',
      'SWEEP_INTERVAL_MS',
      'API_KEYS',
    ]);
    for (const { field } of error.issues) expect(error.message).toContain(`  ${field}: `);
    expect(error.message).not.toContain('hunter2');
  });

  test.each(['0.0.0.0', '::', '10.0.0.5', 'gateway.example'])(
    'HOST=%s without API_KEYS is refused',
    (HOST) => {
      const [issue] = faults({ HOST }).issues;
      expect(issue?.field).toBe('HOST');
      expect(issue?.message).toContain('API_KEYS');
    },
  );

  test('METRICS_HOST that others can reach needs a key', () => {
    const [issue] = faults({ METRICS_HOST: '0.0.0.0' }).issues;
    expect(issue).toMatchObject({
      field: 'METRICS_HOST',
      message: expect.stringContaining('METRICS_KEY_SHA256'),
    });
    const METRICS_KEY_SHA256 = 'ab'.repeat(32);
    expect(readEnvironment({ METRICS_HOST: '0.0.0.0', METRICS_KEY_SHA256 }).metricsHost).toBe('0.0.0.0');
  });

  test.each(['127.0.0.1', '127.0.0.53', 'localhost', '::1', '[::1]'])('HOST=%s needs no keys', (HOST) => {
    expect(readEnvironment({ HOST }).host).toBe(HOST);
  });
});
