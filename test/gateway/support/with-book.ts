import { expect } from 'vitest';
import { type Ask, asker } from './contract.ts';
import { BOOK, createWorld, jsonRequest, type World } from './gateway.ts';

/** Asks a world in which alice has the book. */
export async function withBook(world: World = createWorld(), book: object = BOOK): Promise<Ask> {
  const ask = asker(world);
  const stored = await ask('/v1/accounts/alice/positions', jsonRequest('PUT', { sequence: 1, ...book }));
  expect(stored.status).toBe(200);
  return ask;
}
