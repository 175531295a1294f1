import { hash, timingSafeEqual } from 'node:crypto';
import { type ApiKey, matchKey } from './keys.ts';
import type { Scope } from './scopes.ts';
import { keyIdOf } from './secret.ts';

/** On whose behalf a request comes. */
export interface Principal {
  readonly protocol: string;
  readonly scopes: ReadonlySet<Scope>;
  /** How the audit log names it: `key:<visible prefix>`, `env` for a key of API_KEYS, `local` without keys. */
  readonly actor: string;
}

/** Who is let in. */
export interface KeyRing {
  /** False: one protocol, this machine only. Never goes back to false while the process lives. */
  required(): boolean;
  /** Whom a presented key belongs to; null when it is unknown, expired or revoked. @throws KeysUnavailableError */
  find(presented: string): Principal | null;
}

/** A key of the table, as the ring compares it. */
export interface RingKey {
  readonly id: string;
  readonly protocol: string;
  readonly hash: Buffer;
  readonly scopes: ReadonlySet<Scope>;
  /** Wall time. */
  readonly expiresAtMs: number | null;
}

/** Compared with when there is no key of the presented prefix, so that its absence takes as long. */
const NOBODY: RingKey = {
  id: '',
  protocol: '',
  hash: Buffer.alloc(32),
  scopes: new Set(),
  expiresAtMs: 0,
};

/**
 * The owner of a presented key among the keys of the environment and those of the table. Each is compared by its hash in
 * constant time; the visible prefix, which is no secret, chooses the one key of the table.
 */
export function findPrincipal(
  presented: string,
  configured: readonly ApiKey[],
  stored: ReadonlyMap<string, RingKey>,
  nowMs: number,
): Principal | null {
  const presentedHash = hash('sha256', presented, 'buffer');
  const own = matchKey(presentedHash, configured);
  const candidate = stored.get(keyIdOf(presented) ?? '') ?? NOBODY;
  const matches = timingSafeEqual(candidate.hash, presentedHash);
  if (own !== null) return { protocol: own.protocol, scopes: own.scopes, actor: 'env' };
  if (!matches || candidate === NOBODY) return null;
  if (candidate.expiresAtMs !== null && candidate.expiresAtMs <= nowMs) return null;
  const { protocol, scopes, id } = candidate;
  return { protocol, scopes, actor: `key:${id}` };
}

/** The keys of API_KEYS alone. */
export function configuredKeyRing(keys: readonly ApiKey[]): KeyRing {
  const none = new Map<string, RingKey>();
  return {
    required: () => keys.length > 0,
    find: (presented) => findPrincipal(presented, keys, none, 0),
  };
}
