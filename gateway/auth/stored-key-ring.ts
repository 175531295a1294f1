import type { Logger } from 'pino';
import { KEYS_CHANNEL, listen } from '../../db/channels.ts';
import type { Database } from '../../db/connection.ts';
import { loadKeys } from '../../db/queries/api-keys.ts';
import { BreakwaterError } from '../../risk/errors.ts';
import { findPrincipal, type KeyRing, type RingKey } from './key-ring.ts';
import type { ApiKey } from './keys.ts';
import { isScope } from './scopes.ts';

/** Which keys are revoked has not been known for too long. */
export class KeysUnavailableError extends BreakwaterError {
  override readonly name = 'KeysUnavailableError';
  constructor() {
    super('API keys cannot be checked now: the database does not answer', {
      type: 'keys-unavailable',
      kind: 'unavailable',
    });
  }
}

export interface StoredKeyRing extends KeyRing {
  /** Requests per minute of a protocol that has a quota of its own, else null. */
  quota(protocol: string): number | null;
  /** Reads the table now. @throws DatabaseUnavailableError */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Wall time between two reads; a change is told at once, this is for tellings that were lost. */
const RELOAD_MS = 5_000;
/** A ring that could not be read for so long lets nobody in: a revoked key might be among them. */
const TRUSTED_MS = 60_000;

/**
 * Keys of the environment and of the table, the latter in memory and in step with the database. Call `reload` once
 * before the first request.
 */
export function storedKeyRing(options: {
  readonly database: Database;
  readonly configured: readonly ApiKey[];
  /** Keys are asked for even while there is none. */
  readonly requireKeys: boolean;
  readonly logger: Logger;
  readonly trustedMs?: number;
  readonly reloadMs?: number;
  /** Wall clock. */
  readonly nowMs?: () => number;
}): StoredKeyRing {
  const { database, configured, requireKeys, logger } = options;
  const nowMs = options.nowMs ?? Date.now;
  const trustedMs = options.trustedMs ?? TRUSTED_MS;
  let stored: ReadonlyMap<string, RingKey> = new Map();
  let quotas: ReadonlyMap<string, number> = new Map();
  let required = requireKeys || configured.length > 0;
  let knownAtMs = Number.NEGATIVE_INFINITY;
  let loads = 0;
  let applied = 0;

  const reload = async (): Promise<void> => {
    const load = ++loads;
    const startedAtMs = nowMs();
    const found = await loadKeys(database.orm);
    // An earlier read that ends later would bring a revoked key back.
    if (load < applied) return;
    applied = load;
    stored = new Map(
      found.keys.map((key) => [
        key.id,
        {
          id: key.id,
          protocol: key.protocol,
          hash: Buffer.from(key.hash, 'hex'),
          scopes: new Set(key.scopes.filter(isScope)),
          expiresAtMs: key.expiresAtMs,
        },
      ]),
    );
    quotas = found.quotas;
    // Sticky: revoking the last key closes the service, it does not open it to everyone.
    required ||= found.any;
    knownAtMs = startedAtMs;
  };
  const reloadQuietly = () => {
    reload().catch((error) => logger.warn({ err: error }, 'API keys could not be read'));
  };
  const listener = listen({
    url: database.url,
    channels: [KEYS_CHANNEL],
    onMessage: reloadQuietly,
    onGap: reloadQuietly,
    logger,
  });
  const timer = setInterval(reloadQuietly, options.reloadMs ?? RELOAD_MS);
  return {
    required: () => required,
    find: (presented) => {
      const now = nowMs();
      const trusted = now - knownAtMs <= trustedMs;
      const found = findPrincipal(presented, configured, stored, now);
      // Keys of the environment need no database; whoever else comes is told alike, known or not.
      if (!trusted && found?.actor !== 'env') throw new KeysUnavailableError();
      return found;
    },
    quota: (protocol) => quotas.get(protocol) ?? null,
    reload,
    close: async () => {
      clearInterval(timer);
      await listener.close();
    },
  };
}
