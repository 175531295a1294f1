import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { listModules } from '../../../risk/modules/registry.ts';
import { asker, pick } from '../support/contract.ts';
import { createWorld } from '../support/gateway.ts';

test('GET /v1/modules lists id, version and title', async () => {
  const { json } = await asker(createWorld())('/v1/modules');
  expect(pick(json, 'modules')).toContainEqual({
    id: 'standard',
    version: '1.0.0',
    title: 'Per-leg margin scaled by forecast volatility',
  });
  expect(pick(json, 'modules', 'length')).toBe(listModules().length);
  const versions = (pick(json, 'modules') as { id: string; version: string }[]).map(
    ({ id, version }) => `${id}@${version}`,
  );
  expect(versions).toEqual(
    expect.arrayContaining([
      'fixed@1.0.0',
      'scenario@1.0.0',
      'scenario@2.0.0',
      'standard@1.0.0',
      'tail@1.0.0',
    ]),
  );
});

test('GET /v1/modules/{id}/{version} gives a JSON Schema that its own defaults fulfil', async () => {
  const { status, json } = await asker(createWorld())('/v1/modules/standard/1.0.0');
  expect(status).toBe(200);
  const validate = new Ajv2020({ strict: false }).compile(pick(json, 'parametersSchema') as object);
  expect(validate(pick(json, 'defaultParameters'))).toBe(true);
  expect(validate({ ...(pick(json, 'defaultParameters') as object), surprise: 1 })).toBe(false);
});

test.each(['/v1/modules/standard/9.9.9', '/v1/modules/nothing/1.0.0'])('%s is 404', async (path) => {
  expect((await asker(createWorld())(path)).json).toMatchObject({
    status: 404,
    type: '/errors/module-not-found',
  });
});

test.each(['/v1/modules', '/v1/modules/standard/1.0.0'])(
  '%s is not sent again while it has not changed',
  async (path) => {
    const ask = asker(createWorld());
    const first = await ask(path);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{40}"$/);
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await ask(path, { headers: { 'If-None-Match': known } });
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    }
    expect((await ask(path, { headers: { 'If-None-Match': '"other"' } })).status).toBe(200);
  },
);

test('risk answers are never kept by a cache', async () => {
  const { headers } = await asker(createWorld())('/v1/prices/BTC-USD');
  expect([headers.get('cache-control'), headers.get('etag')]).toEqual(['no-store', null]);
});
