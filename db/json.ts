import { createHash } from 'node:crypto';
import { BreakwaterError } from '../risk/errors.ts';

/** A value that JSON (or jsonb) would change or refuse. `path` says where it sits. */
export class NotStorableError extends BreakwaterError {
  override readonly name = 'NotStorableError';
  readonly path: string;
  constructor(path: string, why: string) {
    super(`${path}: ${why}`, {
      type: 'not-storable',
      kind: 'internal',
      issues: [{ field: path, message: why }],
    });
    this.path = path;
  }
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * JSON-safe form that decodes to the same value: a bigint becomes `{"$wad": "123"}`, a Map `{"$map": [[k, v]]}`.
 * Properties that are undefined are left out.
 * @throws NotStorableError for NaN, infinities, functions, class instances, NUL characters, half surrogates and
 * keys that start with '$'.
 */
export function encodeJson(value: unknown, path = '$'): Json {
  switch (typeof value) {
    case 'bigint':
      return { $wad: value.toString() };
    case 'number':
      if (!Number.isFinite(value)) throw new NotStorableError(path, `${value} is not a JSON number`);
      return Object.is(value, -0) ? 0 : value;
    case 'string':
      if (value.includes('\0')) throw new NotStorableError(path, 'contains a NUL character');
      if (/\p{Surrogate}/u.test(value)) throw new NotStorableError(path, 'is not well-formed Unicode');
      return value;
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : encodeObject(value, path);
    default:
      throw new NotStorableError(path, `a ${typeof value} cannot be stored`);
  }
}

function encodeObject(value: object, path: string): Json {
  if (Array.isArray(value)) return value.map((item, index) => encodeJson(item, `${path}[${index}]`));
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => [
      encodeJson(key, path),
      encodeJson(item, `${path}.${key}`),
    ]);
    return { $map: entries };
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new NotStorableError(path, `a ${prototype.constructor?.name ?? 'class'} cannot be stored`);
  }
  const encoded: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    if (key.startsWith('$')) throw new NotStorableError(`${path}.${key}`, "a key must not start with '$'");
    encodeJson(key, `${path}.${key}`);
    encoded[key] = encodeJson(item, `${path}.${key}`);
  }
  return encoded;
}

/** Inverse of encodeJson. */
export function decodeJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decodeJson);
  if (typeof value !== 'object' || value === null) return value;
  if ('$wad' in value) return BigInt(value.$wad as string);
  if ('$map' in value)
    return new Map((value.$map as unknown[][]).map(([k, v]) => [decodeJson(k), decodeJson(v)]));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decodeJson(item)]));
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

/** SHA-256 (hex) of the value in canonical form: independent of the order of properties. */
export function contentHash(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(encodeJson(value))))
    .digest('hex');
}
