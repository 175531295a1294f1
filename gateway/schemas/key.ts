import { z } from '@hono/zod-openapi';
import type { StoredKey } from '../../db/queries/api-keys.ts';
import { SCOPES } from '../auth/scopes.ts';
import { iso, timestamp } from './common.ts';

const YEAR_SECONDS = 366 * 86_400;
const keyId = z
  .string()
  .regex(/^bw_[a-z2-7]{10}$/, 'must be the visible prefix of a key, bw_ and 10 characters');

export const keyParams = z.strictObject({
  id: keyId.openapi({ param: { name: 'id', in: 'path' }, example: 'bw_abcdefghij' }),
});

const lifetime = z
  .int()
  .min(1)
  .max(10 * YEAR_SECONDS)
  .nullable()
  .default(null);

export const createKeyBody = z
  .strictObject({
    name: z.string().min(1).max(100).openapi({ example: 'risk dashboard' }),
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .max(SCOPES.length)
      .refine((scopes) => new Set(scopes).size === scopes.length, 'names a scope twice')
      .openapi({ description: 'Scopes of the caller at most.', example: ['read'] }),
    expiresInSeconds: lifetime.openapi({ description: 'null = does not expire.' }),
  })
  .openapi('CreateKey');

export const rotateKeyBody = z
  .strictObject({
    overlapSeconds: z
      .int()
      .min(0)
      .max(30 * 86_400)
      .default(86_400)
      .openapi({ description: 'How long the old key goes on working.' }),
    expiresInSeconds: lifetime.openapi({ description: 'Of the new key; null = does not expire.' }),
  })
  .openapi('RotateKey');

export const keySchema = z
  .object({
    id: z.string().openapi({ description: 'Visible prefix of the key.' }),
    name: z.string(),
    scopes: z.array(z.string()),
    state: z.enum(['active', 'expired', 'revoked']),
    createdAt: timestamp,
    expiresAt: timestamp.nullable(),
    revokedAt: timestamp.nullable(),
    replaces: z.string().nullable().openapi({ description: 'Key that this one was rotated from.' }),
  })
  .openapi('ApiKey');

export const keyListSchema = z.object({ keys: z.array(keySchema) }).openapi('ApiKeyList');

export const issuedKeySchema = z
  .object({ key: keySchema, secret: z.string().openapi({ description: 'The whole key, shown this once.' }) })
  .openapi('IssuedApiKey');

const isoOrNull = (ms: number | null) => (ms === null ? null : iso(ms));

/** `nowMs` is wall time. */
export function keyDto(key: StoredKey, nowMs: number): z.infer<typeof keySchema> {
  const expired = key.expiresAtMs !== null && key.expiresAtMs <= nowMs;
  return {
    id: key.id,
    name: key.name,
    scopes: [...key.scopes],
    state: key.revokedAtMs !== null ? 'revoked' : expired ? 'expired' : 'active',
    createdAt: iso(key.createdAtMs),
    expiresAt: isoOrNull(key.expiresAtMs),
    revokedAt: isoOrNull(key.revokedAtMs),
    replaces: key.rotatedFrom,
  };
}
