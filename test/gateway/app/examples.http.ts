import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXAMPLES } from '../../../gateway/app/examples/all.ts';
import { PROBLEM_EXAMPLES } from '../../../gateway/app/examples/problems.ts';
import { openApiDocument } from '../../../gateway/app/openapi.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { pick } from '../support/contract.ts';
import { type TenancyWorld, tenancyWorld } from '../support/tenancy.ts';

interface Media {
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value?: unknown; readonly $ref?: string }>>;
}
interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly parameters?: readonly { readonly name: string; readonly schema: object }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}

const pointer = (parts: readonly string[]) =>
  parts.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');

describe('the examples of the OpenAPI document', () => {
  let postgres: TestPostgres;
  let tenancy: TenancyWorld;
  let document: object;
  let operations: { readonly at: readonly string[]; readonly operation: Operation }[];
  let validate: (at: readonly string[], value: unknown) => string[];
  beforeAll(async () => {
    postgres = await startTestPostgres();
    tenancy = await tenancyWorld(await postgres.openMigrated());
    document = JSON.parse(JSON.stringify(openApiDocument(tenancy.world.app, { authenticated: true })));
    const paths = pick(document, 'paths') as Record<string, Record<string, Operation>>;
    operations = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ at: ['paths', path, method], operation })),
    );
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addSchema(document, 'openapi');
    validate = (at, value) => {
      const check = ajv.getSchema(`openapi#/${pointer(at)}`);
      if (check === undefined) return [`no schema at ${at.join(' ')}`];
      return check(value) === true ? [] : [`${at.join(' ')}: ${ajv.errorsText(check.errors)}`];
    };
  });
  afterAll(async () => {
    await tenancy?.close();
    await postgres?.stop();
  });

  test('leave the document valid, and name no operation twice', async () => {
    const result = await new Validator().validate(document as Record<string, unknown>);
    expect(result.errors ?? []).toEqual([]);
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(Object.keys(EXAMPLES).filter((id) => !ids.includes(id))).toEqual([]);
  });

  test('are there for every operation: its parameters, its body, its answer', () => {
    const missing: string[] = [];
    for (const { operation } of operations) {
      const { operationId: id, summary, parameters = [], requestBody, responses } = operation;
      const own = EXAMPLES[id];
      if (own === undefined) missing.push(`${id}: gateway/app/examples has nothing`);
      if (!summary) missing.push(`${id}: no summary`);
      for (const one of parameters) {
        if (!('example' in one) && !('examples' in one)) missing.push(`${id}: parameter ${one.name}`);
      }
      for (const [type, media] of Object.entries(requestBody?.content ?? {})) {
        if (Object.keys(media.examples ?? {}).length === 0) missing.push(`${id}: body as ${type}`);
      }
      for (const [status, { content = {} }] of Object.entries(responses)) {
        if (!status.startsWith('2')) continue;
        for (const [type, media] of Object.entries(content)) {
          if (media.example === undefined) missing.push(`${id}: answer ${status} as ${type}`);
        }
      }
    }
    expect(missing).toEqual([]);
  });

  test('fit the schemas of the parameters, bodies and answers that they are of', () => {
    const problems: string[] = [];
    const check = (at: readonly string[], media: Media) => {
      const values = Object.values(media.examples ?? {}).filter((one) => one.$ref === undefined);
      const all = [...('example' in media ? [media.example] : []), ...values.map(({ value }) => value)];
      for (const value of all) problems.push(...validate([...at, 'schema'], value));
    };
    for (const { at, operation } of operations) {
      // Text is what a query is made of; a schema may say that it is the text of a number.
      (operation.parameters ?? []).forEach((one, index) => {
        const place = [...at, 'parameters', String(index)];
        const schema = one.schema as { type?: unknown };
        const texts = (media: Media): Media => JSON.parse(JSON.stringify(media), asText(schema.type));
        check(place, texts(one as Media));
      });
      for (const [type, media] of Object.entries(operation.requestBody?.content ?? {})) {
        check([...at, 'requestBody', 'content', type], media);
      }
      for (const [status, { content = {} }] of Object.entries(operation.responses)) {
        for (const [type, media] of Object.entries(content)) {
          check([...at, 'responses', status, 'content', type], media);
        }
      }
    }
    expect(problems).toEqual([]);
  });

  test('show every kind of refusal as the gateway writes it, under its status', () => {
    const wrong: string[] = [];
    const shown = new Set<string>();
    for (const { operation } of operations) {
      const { operationId: id, responses } = operation;
      for (const type of EXAMPLES[id]?.problems ?? []) {
        const { status } = PROBLEM_EXAMPLES[type];
        const found = responses[status]?.content?.['application/problem+json']?.examples?.[type];
        if (found?.$ref !== `#/components/examples/${type}`) wrong.push(`${id}: ${type} (${status})`);
      }
      for (const [status, { content }] of Object.entries(responses)) {
        const examples = content?.['application/problem+json']?.examples ?? {};
        for (const type of Object.keys(examples)) shown.add(type);
        // A body may be refused with 422 for reasons of its own; the rest has an example.
        if (/^(400|401|403|404|409|413|415|429|500)$/.test(status) && Object.keys(examples).length === 0) {
          wrong.push(`${id}: no problem for ${status}`);
        }
      }
    }
    const components = pick(document, 'components', 'examples') as Record<string, { value: unknown }>;
    for (const [type, { value }] of Object.entries(components)) {
      wrong.push(...validate(['components', 'schemas', 'Problem'], value));
      expect(pick(value, 'type')).toBe(`/errors/${type}`);
      if (!shown.has(type)) wrong.push(`${type}: of no operation`);
    }
    expect(wrong).toEqual([]);
  });
});

/** Numbers as the text that a query has, where the schema is of text. */
function asText(type: unknown) {
  return (key: string, value: unknown) =>
    (key === 'example' || key === 'value') && typeof value === 'number' && type === 'string'
      ? String(value)
      : value;
}
