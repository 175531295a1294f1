import { randomBytes } from 'node:crypto';
import { hashKey, PROTOCOL_ID } from './keys.ts';

/**
 * `npx tsx gateway/auth/new-key.ts <protocol>` prints a new API key, once, and its entry for API_KEYS.
 */
const protocol = process.argv[2];
if (protocol === undefined || !PROTOCOL_ID.test(protocol)) {
  process.stderr.write('usage: npx tsx gateway/auth/new-key.ts <protocol>   (a-z, 0-9, -)\n');
  process.exitCode = 2;
} else {
  const key = `bw_${protocol}_${randomBytes(32).toString('base64url')}`;
  process.stdout.write(
    `key (give it to the protocol, it is not stored): ${key}\nadd to API_KEYS: ${protocol}:${hashKey(key)}\n`,
  );
}
