import type { Database } from '../../db/connection.ts';
import { createKey, listKeys, revokeKey, rotateKey } from '../../db/queries/api-keys.ts';
import type { KeysPort } from '../app/tenancy-ports.ts';
import { newApiKey } from './secret.ts';

/** API keys over the database; secrets are made here and never stored. */
export function databaseKeys(database: Database): KeysPort {
  return {
    list: (protocol) => listKeys(database.orm, protocol),
    async create(ask, actor) {
      const { secret, ...made } = newApiKey();
      return { key: await createKey(database, { ...ask, ...made }, actor), secret };
    },
    async rotate(ask, actor) {
      const { secret, ...next } = newApiKey();
      return { key: await rotateKey(database, { ...ask, next }, actor), secret };
    },
    revoke: (protocol, id, actor) => revokeKey(database, { protocol, id }, actor),
  };
}
