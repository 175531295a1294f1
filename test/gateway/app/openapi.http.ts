import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { asker, pick } from '../support/contract.ts';
import { createWorld } from '../support/gateway.ts';

type Operation = Record<string, unknown> & {
  parameters?: { name: string; in: string; required?: boolean }[];
  responses: Record<string, unknown>;
};

async function operations(): Promise<{ path: string; method: string; operation: Operation }[]> {
  const { json } = await asker(createWorld())('/openapi.json');
  const paths = pick(json, 'paths') as Record<string, Record<string, Operation>>;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
}

describe('/openapi.json', () => {
  test('is a valid OpenAPI 3.1 document', async () => {
    const { json } = await asker(createWorld())('/openapi.json');
    expect(pick(json, 'openapi')).toBe('3.1.0');
    const result = await new Validator().validate(json as Record<string, unknown>);
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
  });

  test('has every resource', async () => {
    const found = (await operations()).map(({ path, method }) => `${method.toUpperCase()} ${path}`);
    expect(found.sort()).toEqual([
      'DELETE /v1/accounts/{id}/positions',
      'GET /health',
      'GET /metrics',
      'GET /ready',
      'GET /v1/accounts',
      'GET /v1/accounts/{id}/capacity',
      'GET /v1/accounts/{id}/liquidation-plan',
      'GET /v1/accounts/{id}/liquidation-price',
      'GET /v1/accounts/{id}/margin',
      'GET /v1/accounts/{id}/margin/difference',
      'GET /v1/accounts/{id}/margin/predicted',
      'GET /v1/accounts/{id}/positions',
      'GET /v1/accounts/{id}/stress',
      'GET /v1/attestations/margin/{id}',
      'GET /v1/attestations/price/{id}',
      'GET /v1/attestations/withdrawal/{id}/{asset}',
      'GET /v1/forecasts',
      'GET /v1/forecasts/{asset}',
      'GET /v1/markets',
      'GET /v1/markets/{market}/data',
      'GET /v1/modules',
      'GET /v1/modules/{id}/{version}',
      'GET /v1/prices',
      'GET /v1/prices/{id}',
      'GET /v1/prices/{id}/evidence',
      'GET /v1/prices/{id}/history',
      'POST /v1/accounts/positions/batch',
      'POST /v1/accounts/{id}/margin/simulate',
      'POST /v1/margin/simulate',
      'PUT /v1/accounts/{id}/positions',
      'PUT /v1/markets/{market}/data',
    ]);
  });

  test('names every operation once, with a summary, and documents every path parameter and refusal', async () => {
    const all = await operations();
    const ids = all.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of all) {
      expect(operation.summary, path).toMatch(/\S/);
      const wanted = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]);
      const given = (operation.parameters ?? []).filter((p) => p.in === 'path');
      expect(given.map((p) => p.name)).toEqual(wanted);
      expect(given.every((p) => p.required)).toBe(true);
      if (!path.startsWith('/v1/')) continue;
      for (const status of ['200', '400', '401', '500'])
        expect(operation.responses, path).toHaveProperty(status);
    }
  });

  test('bodies and amounts say what they are', async () => {
    const { json } = await asker(createWorld())('/openapi.json');
    const schemas = pick(json, 'components', 'schemas');
    expect(pick(schemas, 'SimulateMargin')).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['cash', 'positions'],
      properties: { cash: { type: 'string' }, positions: { type: 'array', maxItems: 10_000 } },
    });
    expect(pick(schemas, 'PerpPositionInput', 'properties', 'size', 'pattern')).toContain('\\d{1,30}');
    expect(pick(json, 'components', 'securitySchemes', 'apiKey')).toMatchObject({
      type: 'http',
      scheme: 'bearer',
    });
  });
});

test('a named schema is never null itself: what may be null says so where it is used', async () => {
  const { json } = await asker(createWorld())('/openapi.json');
  const schemas = pick(json, 'components', 'schemas') as Record<string, { type?: unknown }>;
  for (const [name, schema] of Object.entries(schemas)) expect(schema.type ?? 'object', name).toBe('object');
});
