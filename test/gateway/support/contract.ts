import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { openApiDocument } from '../../../gateway/app/openapi.ts';
import type { World } from './gateway.ts';

type Json = Record<string, unknown>;
interface Operation {
  readonly responses: Record<string, { content?: Record<string, unknown> }>;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** Objects of the document with fields but no word on others are closed, so that an undocumented field shows. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([key, value]) => [key, closed(value)] as const);
  const copy: Json = Object.fromEntries(entries);
  if (copy.type === 'object' && 'properties' in copy && !('additionalProperties' in copy)) {
    copy.additionalProperties = false;
  }
  return copy;
}

/** Served for people, not part of the interface. */
const PAGES = /^\/($|openapi\.json$|docs|errors\/)/;

const pointer = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1');

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

export interface Contract {
  /** Path pattern and method of every documented operation. */
  readonly operations: readonly { readonly path: string; readonly method: string }[];
  /** The document, objects that say nothing on other fields closed. */
  readonly document: Json;
  /** Checks an answer of a documented operation against its schema, and that its status is documented. */
  check(method: string, path: string, answer: Answer): void;
}

/** The OpenAPI document of a world's application as a set of checks. */
export function contractOf(world: World): Contract {
  const document = closed(openApiDocument(world.app, { authenticated: false })) as {
    paths: Record<string, Record<string, Operation>>;
  };
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'openapi');
  const patterns = Object.keys(document.paths)
    // Literal paths first: /v1/prices/{id} must not claim what a literal path documents.
    .sort((a, b) => Number(a.includes('{')) - Number(b.includes('{')))
    .map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]*')}$`) }));
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => ({ path, method })),
  );
  return {
    operations,
    document,
    check(method, path, answer) {
      const pathname = new URL(path, 'http://localhost').pathname;
      const found = patterns.find(({ pattern }) => pattern.test(pathname));
      const operation = found && document.paths[found.path]?.[method.toLowerCase()];
      if (PAGES.test(pathname)) return;
      if (!found || !operation) {
        assert([404, 405].includes(answer.status), `${method} ${path}: ${answer.status} of no operation`);
        return;
      }
      const where = `${method} ${found.path} ${answer.status}`;
      const response = operation.responses[String(answer.status)];
      assert(response !== undefined, `${where} is not documented`);
      const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
      if (response.content === undefined) return;
      assert(Object.keys(response.content).includes(type), `${where}: ${type} is not documented`);
      if (!type.endsWith('json')) return;
      const at = ['paths', found.path, method.toLowerCase(), 'responses', String(answer.status)];
      const ref = [...at, 'content', type, 'schema'].map(pointer).join('/');
      const validate = ajv.getSchema(`openapi#/${ref}`);
      if (!validate) throw new Error(`no schema at ${ref}`);
      const fits = validate(answer.json);
      assert(fits === true, `${where}: ${ajv.errorsText(validate.errors)}`);
    },
  };
}

export type Ask = (path: string, init?: RequestInit) => Promise<Answer>;

const contracts = new Map<string, Contract>();

/** A world without events has no /v1/stream, one without tenancy no keys: then they are none of the document either. */
function sharedContract(world: World): Contract {
  const { events, tenancy } = world.ports;
  const kind = `${events !== undefined} ${tenancy !== undefined}`;
  const contract = contracts.get(kind) ?? contractOf(world);
  contracts.set(kind, contract);
  return contract;
}

/** Asks the application and checks every answer against the document, which is the same for every world. */
export function asker(world: World): Ask {
  const contract = sharedContract(world);
  return async (path, init) => {
    const response = await world.app.request(path, init);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const answer = {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : null,
    };
    contract.check(init?.method ?? 'GET', path, answer);
    return answer;
  };
}

/** A value inside parsed JSON; undefined where there is none. */
export function pick(json: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (node, key) =>
      typeof node === 'object' && node !== null ? (node as Record<string | number, unknown>)[key] : undefined,
    json,
  );
}
