import { hash, timingSafeEqual } from 'node:crypto';
import { isScope, type Scope } from './scopes.ts';

/** Protocol that owns everything while no keys are configured; the server then serves this machine only. */
export const LOCAL_PROTOCOL = 'local';

export const PROTOCOL_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

export interface ApiKey {
  readonly protocol: string;
  /** SHA-256 of the key, 32 bytes; the key itself is never stored. */
  readonly hash: Buffer;
  readonly scopes: ReadonlySet<Scope>;
}

const DEFAULT_SCOPES: ReadonlySet<Scope> = new Set(['read', 'write']);

/**
 * SHA-256 of an API key in lower-case hex, as it stands in `API_KEYS`. A plain hash is enough because keys are
 * random (see secret.ts); do not use it for passwords.
 */
export function hashKey(key: string): string {
  return hash('sha256', key, 'hex');
}

const ENTRY = /^([a-z0-9][a-z0-9-]{0,62}):([0-9a-f]{64})(?::([a-z]+(?:\+[a-z]+)*))?$/i;

/**
 * Parses `protocol:sha256hex,...`; several keys of one protocol are allowed (rotation). A third part names scopes,
 * `protocol:sha256hex:read+govern`; without it they are read and write.
 * The problems never quote a value: somebody may have put the key itself there.
 */
export function parseApiKeys(text: string): {
  readonly keys: readonly ApiKey[];
  readonly problems: string[];
} {
  const keys: ApiKey[] = [];
  const problems: string[] = [];
  const owners = new Map<string, number>();
  text
    .split(',')
    .map((entry) => entry.trim())
    .forEach((entry, index) => {
      const match = ENTRY.exec(entry);
      if (!match) {
        problems.push(`entry ${index + 1} must be protocol:sha256hex (protocol of a-z 0-9 -, 64 hex digits)`);
        return;
      }
      const hex = match[2]!.toLowerCase();
      const earlier = owners.get(hex);
      if (earlier !== undefined) {
        problems.push(`entry ${index + 1} has the hash of entry ${earlier}`);
        return;
      }
      const scopes = match[3]?.toLowerCase().split('+');
      if (scopes?.some((scope) => !isScope(scope))) {
        problems.push(`entry ${index + 1}: scopes are read, write, govern, admin, joined by +`);
        return;
      }
      owners.set(hex, index + 1);
      keys.push({
        protocol: match[1]!.toLowerCase(),
        hash: Buffer.from(hex, 'hex'),
        scopes: scopes === undefined ? DEFAULT_SCOPES : new Set(scopes.filter(isScope)),
      });
    });
  return { keys, problems };
}

/**
 * The configured key that was presented, or null. Every configured hash is compared in constant time, whichever
 * matches, so that the duration tells nothing.
 */
export function matchKey(presentedHash: Buffer, keys: readonly ApiKey[]): ApiKey | null {
  let found: ApiKey | null = null;
  for (const key of keys) if (timingSafeEqual(key.hash, presentedHash)) found = key;
  return found;
}

/** Protocol of a presented key, or null. */
export function protocolOfKey(presented: string, keys: readonly ApiKey[]): string | null {
  return matchKey(hash('sha256', presented, 'buffer'), keys)?.protocol ?? null;
}
