import { toUSVString as toWellFormed } from 'node:util';
import fc from 'fast-check';
import { pick } from '../support/contract.ts';
import { jsonRequest } from '../support/gateway.ts';
import { DECISION } from '../support/tenancy.ts';
import { broken, strange } from './breaking.ts';
import { hintsFor, moduleVersion, QUERY, SHARED, venueData } from './hints.ts';
import { type Schema, valuesOf } from './schema.ts';
import type { FuzzWorld, Tenant } from './world.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | null;
}

/** What is wrong with a request, if anything; `foreign` names something of the other tenant. */
export type Fault = 'none' | 'body' | 'query' | 'path' | 'foreign' | 'key';

/** A request as it was generated: what depends on the state is put in when it is sent. */
export interface Plan {
  readonly operation: Operation;
  readonly tenant: Tenant;
  readonly fault: Fault;
  readonly parts: Parts;
}

interface Parts {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export function operationsOf({ contract }: FuzzWorld): Operation[] {
  return contract.operations.map(({ method, path }) => {
    const found = pick(contract.document, 'paths', path, method) as {
      parameters?: Parameter[];
      requestBody?: unknown;
    };
    const body = pick(found.requestBody, 'content', 'application/json', 'schema') as Schema | undefined;
    return {
      name: `${method} ${path}`,
      method,
      path,
      parameters: found.parameters ?? [],
      body: body ?? null,
    };
  });
}

const segment = (path: string) => path.split('/')[2] ?? '';

/** Things of a tenant that a path names. */
function own(tenant: Tenant, path: string, name: string): readonly string[] {
  switch (segment(path)) {
    case 'accounts':
      return tenant.accounts;
    case 'protocols':
      return [tenant.protocol];
    case 'proposals':
      return [tenant.proposal];
    case 'keys':
      return [tenant.key];
    case 'consents':
      return [tenant.consent];
    case 'webhooks':
      return name === 'delivery' ? [tenant.delivery] : [tenant.webhook];
    case 'attestations':
      if (name === 'asset') return ['ETH', 'USDC'];
      return /\/(margin|withdrawal)\//.test(path) ? tenant.accounts : [];
    default:
      return [];
  }
}

/** What is the same for everybody, and signed. */
function attested(path: string, name: string): readonly string[] {
  if (path.includes('/attestations/price/')) return ['BTC-USD', 'ETH-USD'];
  if (!path.includes('/attestations/parameter/')) return [];
  return name === 'market' ? ['BTC-PERP', 'ETH-PERP'] : ['initialMarginRate', 'maintenanceMarginRate'];
}

const NOWHERE: Readonly<Record<string, string>> = {
  proposals: `0x${'00'.repeat(32)}`,
  keys: 'bw_aaaaaaaaaa',
  consents: `0x${'00'.repeat(32)}`,
  webhooks: `wh_${'0'.repeat(24)}`,
};

/** Requests of an operation by a tenant; three of four are right. */
export function plans(
  operation: Operation,
  world: FuzzWorld,
  tenant: Tenant,
  other: Tenant,
): fc.Arbitrary<Plan> {
  const values = valuesOf(world.contract.document, hintsFor(tenant.mark));
  const { path, parameters } = operation;
  const valueFor = ({ name, in: place, schema }: Parameter): fc.Arbitrary<string> | null => {
    if (place === 'path') {
      const known = [...own(tenant, path, name), ...(SHARED[segment(path)] ?? []), ...attested(path, name)];
      if (known.length > 0) return fc.constantFrom(...known);
    } else if (name in QUERY) {
      const given = QUERY[name]!;
      return given.length === 0 ? null : fc.constantFrom(...given);
    }
    if (name === 'idempotency-key') return fc.uuid();
    return values(schema, place === 'path' ? '' : name).map(String);
  };
  const group = (place: Parameter['in']) => {
    const wanted = parameters.filter((one) => one.in === place);
    const model = Object.fromEntries(
      wanted.flatMap((one) => {
        const value = valueFor(one);
        return value === null ? [] : [[one.name, value]];
      }),
    );
    const requiredKeys = wanted.filter(({ required }) => required === true).map(({ name }) => name);
    return fc.record(model, { requiredKeys });
  };
  const right: fc.Arbitrary<Parts> = fc
    .record({
      path: group('path'),
      query: group('query'),
      headers: group('header'),
      body: operation.body === null ? fc.constant(undefined) : values(operation.body),
    })
    .chain((parts) => fitted(operation, parts as Parts));
  const plan = (fault: Fault) => (parts: Parts) => ({ operation, tenant, fault, parts });

  const wrong: fc.Arbitrary<Plan>[] = [right.map(plan('key'))];
  if (operation.body !== null) {
    const bad = right.chain((parts) => broken(fc.constant(parts.body)).map((body) => ({ ...parts, body })));
    wrong.push(bad.map(plan('body')), bad.map(plan('body')));
  }
  wrong.push(
    fc
      .tuple(
        right,
        fc.constantFrom('extra', ...parameters.filter((p) => p.in === 'query').map((p) => p.name)),
        strange,
      )
      .map(([parts, name, value]) => ({ ...parts, query: { ...parts.query, [name]: value } }))
      .map(plan('query')),
  );
  const name = parameters.find((one) => one.in === 'path')?.name;
  if (name !== undefined) {
    const replaced = (value: fc.Arbitrary<string>, fault: Fault) =>
      fc
        .tuple(right, value)
        .map(([parts, one]) => ({ ...parts, path: { ...parts.path, [name]: one } }))
        .map(plan(fault));
    const nowhere = NOWHERE[segment(path)];
    wrong.push(replaced(nowhere === undefined ? strange : fc.oneof(strange, fc.constant(nowhere)), 'path'));
    const foreign = own(other, path, name);
    // Whoever puts a book under a name makes an account of his own.
    if (foreign.length > 0 && operation.method !== 'put') {
      wrong.push(replaced(fc.constantFrom(...foreign), 'foreign'));
    }
  }
  return fc.oneof(
    { weight: 3, arbitrary: right.map(plan('none')) },
    { weight: 1, arbitrary: fc.oneof(...wrong) },
  );
}

/** What only fits together. */
function fitted({ name }: Operation, parts: Parts): fc.Arbitrary<Parts> {
  if (name === 'put /v1/markets/{market}/data') {
    return venueData.map(({ market, body }) => ({ ...parts, path: { market }, body }));
  }
  if (name.includes('/v1/modules/{id}/{version}')) {
    return moduleVersion.map((path) => ({ ...parts, path }));
  }
  if (name === 'get /v1/markets/{market}/data') {
    return fc.constantFrom('BTC-OPTIONS', 'ETH-OPTIONS').map((market) => ({ ...parts, path: { market } }));
  }
  if (name === 'post /v1/publications') {
    return fc.nat().map((nonce) => ({ ...parts, body: { ...DECISION, nonce: String(nonce) } }));
  }
  if (name === 'post /v1/proposals') {
    const parameters = fc.constantFrom(
      {},
      { perp: { initial: 0.08 } },
      { perp: { initial: 0.12, maintenance: 0.06 } },
    );
    return parameters.map((given) => ({
      ...parts,
      body: { ...(parts.body as object), module: null, parameters: given },
    }));
  }
  return fc.constant(parts);
}

let sequence = 10;

/** Newer than everything before, wherever the body has a sequence number. */
function renumbered(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body;
  const fields = body as Record<string, unknown>;
  if (Array.isArray(fields.updates)) {
    const seen = new Set<unknown>();
    const updates = fields.updates.filter(({ accountId }) => !seen.has(accountId) && seen.add(accountId));
    return { ...fields, updates: updates.map((one: unknown) => renumbered(one)) };
  }
  if (!('sequence' in fields)) return body;
  sequence += 1;
  return { ...fields, sequence };
}

/** Makes what a right request needs and uses up, so that it can be answered with a 2xx. */
async function prepared(world: FuzzWorld, { operation, tenant, parts }: Plan): Promise<Parts> {
  const { headers, mark } = tenant;
  const json = async (path: string, body: unknown) =>
    (await world.send(path, jsonRequest('POST', body, { ...headers }))).json;
  switch (operation.name) {
    case 'get /v1/attestations/withdrawal/{id}/{asset}': {
      // Something to withdraw: what the fuzz pushed before may hold anything.
      const positions = [{ kind: 'collateral', id: `${mark}-ETH`, asset: 'ETH', amount: '10' }];
      const body = renumbered({ sequence, cash: '0', positions });
      const path = `/v1/accounts/${parts.path.id}/positions`;
      await world.send(path, jsonRequest('PUT', body, { ...headers }));
      return { ...parts, path: { ...parts.path, asset: 'ETH' } };
    }
    case 'post /v1/consents':
      return { ...parts, body: (await world.freshConsent(tenant)).body };
    case 'delete /v1/consents/{id}':
    case 'post /v1/consents/{id}/revocation': {
      const { id, body, revocation } = await world.freshConsent(tenant);
      await json('/v1/consents', body);
      return { ...parts, path: { id }, body: operation.method === 'post' ? revocation : parts.body };
    }
    case 'post /v1/keys/{id}/rotate':
    case 'delete /v1/keys/{id}': {
      const made = await json('/v1/keys', { name: `${mark} key`, scopes: ['read'] });
      return { ...parts, path: { id: String(pick(made, 'key', 'id')) } };
    }
    case 'post /v1/webhooks': {
      const { json: found } = await world.send('/v1/webhooks', { headers: { ...headers } });
      const extra = (pick(found, 'webhooks') as { id: string }[]).filter(({ id }) => id !== tenant.webhook);
      for (const { id } of extra.slice(0, extra.length > 15 ? 10 : 0)) {
        await world.send(`/v1/webhooks/${id}`, { method: 'DELETE', headers: { ...headers } });
      }
      return parts;
    }
    case 'delete /v1/webhooks/{id}': {
      const made = await json('/v1/webhooks', { url: `https://${mark}.example/`, events: ['margin.call'] });
      return { ...parts, path: { id: String(pick(made, 'id')) } };
    }
    case 'post /v1/proposals/{id}/approvals': {
      const { id, signature } = await world.openProposal(tenant);
      return { ...parts, path: { id }, body: { signature } };
    }
    case 'post /v1/proposals/{id}/veto':
      return { ...parts, path: { id: (await world.openProposal(tenant)).id } };
    case 'delete /v1/markets/{market}/freeze':
      await json(`/v1/markets/${parts.path.market}/freeze`, { reason: `${mark} stop` });
      return parts;
    case 'post /v1/markets/{market}/freeze':
      await world.send(`/v1/markets/${parts.path.market}/freeze`, {
        method: 'DELETE',
        headers: { ...headers },
      });
      return parts;
    default:
      return parts;
  }
}

/** The request of a plan, at the state of now. */
export async function requestOf(
  world: FuzzWorld,
  plan: Plan,
): Promise<{ readonly path: string; readonly init: RequestInit & { method: string } }> {
  const { operation, tenant, fault } = plan;
  const right = fault === 'none' ? await prepared(world, plan) : plan.parts;
  const body = fault === 'body' ? right.body : renumbered(right.body);
  sequence += 1;
  const query =
    fault !== 'query' && 'sequence' in right.query
      ? { ...right.query, sequence: String(sequence) }
      : right.query;
  const where = operation.path.replaceAll(/\{([^}]+)\}/g, (_, name: string) =>
    // A segment of dots only is taken away by every client.
    encodeURIComponent(toWellFormed(right.path[name] ?? '').replace(/^\.*$/, 'dots')),
  );
  const text = Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(toWellFormed(value))}`)
    .join('&');
  const key = operation.path === '/metrics' ? world.metricsHeaders : tenant.headers;
  const headers = { ...right.headers, ...(fault === 'key' ? { Authorization: 'Bearer bw_nobody' } : key) };
  const method = operation.method.toUpperCase();
  const init = body === undefined ? { method, headers } : jsonRequest(method, body, headers);
  return { path: where + (text === '' ? '' : `?${text}`), init: { ...init, method } };
}
