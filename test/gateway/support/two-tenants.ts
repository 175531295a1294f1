import { afterAll } from 'vitest';
import type { Database } from '../../../db/connection.ts';
import type { Scope } from '../../../gateway/auth/scopes.ts';
import { useDatabase } from '../../helpers/use.ts';
import { type Ask, asker } from './contract.ts';
import { issueKey, type TenancyWorld, tenancyWorld } from './tenancy.ts';

export interface TwoTenants {
  readonly database: Database;
  readonly tenancy: TenancyWorld;
  readonly ask: Ask;
  /** What requests of `alpha` and of `beta` carry, by protocol. */
  readonly headers: ReadonlyMap<string, Record<string, string>>;
}

/** A gateway over a database with a key of these scopes for each of two protocols, for all tests of a file, at its top. */
export async function useTwoTenants(
  scopes: readonly Scope[],
  options: Parameters<typeof tenancyWorld>[1] = {},
): Promise<TwoTenants> {
  const database = await useDatabase();
  const tenancy = await tenancyWorld(database, options);
  afterAll(() => tenancy.close());
  const headers = new Map<string, Record<string, string>>();
  for (const protocol of ['alpha', 'beta']) {
    headers.set(protocol, (await issueKey(database, protocol, scopes)).headers);
  }
  await tenancy.ring.reload();
  return { database, tenancy, ask: asker(tenancy.world), headers };
}
