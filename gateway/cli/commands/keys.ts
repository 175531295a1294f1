import { parseArgs } from 'node:util';
import type { Database } from '../../../db/connection.ts';
import {
  createKey,
  listKeys,
  revokeKey,
  rotateKey,
  type StoredKey,
  setQuota,
} from '../../../db/queries/api-keys.ts';
import { InvalidInputError } from '../../../risk/errors.ts';
import { PROTOCOL_ID } from '../../auth/keys.ts';
import { isScope, SCOPES } from '../../auth/scopes.ts';
import { newApiKey } from '../../auth/secret.ts';
import { type Command, type CommandIo, durationMs, needed, subcommand, table } from '../command.ts';
import { withDatabase } from '../open-database.ts';

const USAGE = `usage: npm run keys -- <command>
  create --protocol ID [--name TEXT] [--scopes read,write,govern,admin] [--expires 90d]   prints the key, once
  list [--protocol ID]
  rotate KEY_ID [--overlap 24h] [--expires 90d]   prints the new key, once; the old one works until the overlap ends
  revoke KEY_ID                                   at once, on every gateway
  quota --protocol ID (--per-minute N | --default)
Works on DATABASE_URL, or on the embedded database in DATA_DIR.`;

const ACTOR = 'cli';
type Print = CommandIo['print'];

interface Options {
  readonly protocol?: string;
  readonly name?: string;
  readonly scopes?: string;
  readonly expires?: string;
  readonly overlap?: string;
  readonly 'per-minute'?: string;
  readonly default?: boolean;
}

/** @throws InvalidInputError */
function protocolOf({ protocol }: Options): string {
  const id = needed(protocol, '--protocol');
  if (!PROTOCOL_ID.test(id)) throw new InvalidInputError('--protocol', 'must be of a-z, 0-9 and -');
  return id;
}

function scopesOf({ scopes = 'read,write' }: Options): readonly string[] {
  const names = [...new Set(scopes.split(',').map((scope) => scope.trim()))];
  const wrong = names.find((name) => !isScope(name));
  if (wrong !== undefined) throw new InvalidInputError('--scopes', `must be of ${SCOPES.join(', ')}`);
  return names;
}

const expiryOf = ({ expires }: Options) =>
  expires === undefined ? null : Date.now() + durationMs(expires, '--expires');

function tell(print: Print, key: StoredKey, secret: string): void {
  const until = key.expiresAtMs === null ? '' : `, expires ${new Date(key.expiresAtMs).toISOString()}`;
  print(`key of ${key.protocol} with ${key.scopes.join(', ')}${until}`);
  print(`id: ${key.id}`);
  print(`secret (shown once, not stored): ${secret}`);
}

function stateOf(key: StoredKey): string {
  if (key.revokedAtMs !== null) return 'revoked';
  return key.expiresAtMs !== null && key.expiresAtMs <= Date.now() ? 'expired' : 'active';
}

const day = (ms: number | null) => (ms === null ? '-' : new Date(ms).toISOString());

async function create(print: Print, database: Database, options: Options): Promise<void> {
  const { id, secret, hash } = newApiKey();
  const protocol = protocolOf(options);
  const scopes = scopesOf(options);
  const name = options.name ?? 'created from the command line';
  tell(
    print,
    await createKey(database, { id, hash, protocol, name, scopes, expiresAtMs: expiryOf(options) }, ACTOR),
    secret,
  );
}

async function list(print: Print, database: Database, options: Options): Promise<void> {
  const keys = await listKeys(database.orm, options.protocol === undefined ? null : protocolOf(options));
  const rows = keys.map((key) => [
    key.id,
    key.protocol,
    stateOf(key),
    key.scopes.join(','),
    day(key.createdAtMs),
    day(key.expiresAtMs),
    key.rotatedFrom ?? '-',
    key.name,
  ]);
  print(table([['id', 'protocol', 'state', 'scopes', 'created', 'expires', 'replaces', 'name'], ...rows]));
}

async function rotate(print: Print, database: Database, id: string, options: Options): Promise<void> {
  const { secret, ...next } = newApiKey();
  const rotation = {
    protocol: null,
    id,
    next,
    overlapMs: durationMs(options.overlap ?? '24h', '--overlap'),
    expiresAtMs: expiryOf(options),
    grantable: null,
  };
  tell(print, await rotateKey(database, rotation, ACTOR), secret);
}

async function quota(print: Print, database: Database, options: Options): Promise<void> {
  const perMinute = options['per-minute'];
  if ((perMinute === undefined) === (options.default !== true)) {
    throw new InvalidInputError('--per-minute', 'give it or --default');
  }
  if (perMinute !== undefined && !/^[1-9]\d{0,8}$/.test(perMinute)) {
    throw new InvalidInputError('--per-minute', 'must be an integer from 1 to 999999999');
  }
  const protocol = protocolOf(options);
  await setQuota(database, protocol, perMinute === undefined ? null : Number(perMinute), ACTOR);
  print(`quota of ${protocol}: ${perMinute ?? 'that of the deployment'} requests per minute`);
}

/** `npm run keys`. */
export const keysCommand: Command = {
  usage: USAGE,
  run: async ({ args, environment, print }) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        protocol: { type: 'string' },
        name: { type: 'string' },
        scopes: { type: 'string' },
        expires: { type: 'string' },
        overlap: { type: 'string' },
        'per-minute': { type: 'string' },
        default: { type: 'boolean' },
      },
    });
    const [command, id] = positionals;
    const runs: Readonly<Record<string, (database: Database) => Promise<void>>> = {
      create: (database) => create(print, database, values),
      list: (database) => list(print, database, values),
      rotate: (database) => rotate(print, database, needed(id, 'KEY_ID'), values),
      revoke: async (database) => {
        const key = await revokeKey(database, { protocol: null, id: needed(id, 'KEY_ID') }, ACTOR);
        print(`${key.id} of ${key.protocol} is revoked`);
      },
      quota: (database) => quota(print, database, values),
    };
    const run = subcommand(runs, command);
    if (run === undefined) return null;
    await withDatabase(environment, run);
    return 0;
  },
};
