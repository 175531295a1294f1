import { hash, timingSafeEqual } from 'node:crypto';

/** Protocol that owns everything while no keys are configured; the server then serves this machine only. */
export const LOCAL_PROTOCOL = 'local';

export interface ApiKey {
  readonly protocol: string;
  /** SHA-256 of the key, 32 bytes; the key itself is never stored. */
  readonly hash: Buffer;
}

/**
 * SHA-256 of an API key in lower-case hex, as it stands in `API_KEYS`. A plain hash is enough because keys are
 * random (see new-key.ts); do not use it for passwords.
 */
export function hashKey(key: string): string {
  return hash('sha256', key, 'hex');
}

const ENTRY = /^([a-z0-9][a-z0-9-]{0,62}):([0-9a-f]{64})$/i;

/**
 * Parses `protocol:sha256hex,...`; several keys of one protocol are allowed (rotation).
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
      owners.set(hex, index + 1);
      keys.push({ protocol: match[1]!.toLowerCase(), hash: Buffer.from(hex, 'hex') });
    });
  return { keys, problems };
}

/**
 * Protocol of a presented key, or null. Every configured hash is compared in constant time, whichever
 * matches, so that the duration tells nothing.
 */
export function protocolOfKey(presented: string, keys: readonly ApiKey[]): string | null {
  const presentedHash = hash('sha256', presented, 'buffer');
  let protocol: string | null = null;
  for (const key of keys) if (timingSafeEqual(key.hash, presentedHash)) protocol = key.protocol;
  return protocol;
}
