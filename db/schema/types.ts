import { customType } from 'drizzle-orm/pg-core';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import { decodeJson, encodeJson } from '../json.ts';

/** numeric(78,0): every 256-bit integer fits. Read and written as bigint. */
export const wad = customType<{ data: Wad; driverData: string }>({
  dataType: () => 'numeric(78, 0)',
  fromDriver: (value) => BigInt(value),
  toDriver: (value) => value.toString(),
});

/** timestamptz(3), read and written as milliseconds since 1970. */
export const unixMs = customType<{ data: UnixMs; driverData: string | Date }>({
  dataType: () => 'timestamp (3) with time zone',
  fromDriver: (value) => new Date(value).getTime(),
  toDriver: (value) => new Date(value).toISOString(),
});

/** jsonb that keeps bigints and maps exactly (db/json.ts) and refuses what JSON would silently change. */
export const exactJson = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => 'jsonb',
  fromDriver: (value) => decodeJson(value),
  toDriver: (value) => JSON.stringify(encodeJson(value)),
});
