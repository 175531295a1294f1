import type { Logger } from 'pino';
import { GOVERNANCE_CHANNEL, listen } from '../../db/channels.ts';
import type { Database } from '../../db/connection.ts';
import {
  listConfigurations,
  listFreezes,
  type MarketFreeze,
  type PinnedConfiguration,
} from '../../db/queries/governance.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { type PinnedModel, pinnedModel } from './pinned-model.ts';

/** What a protocol accepted, with its parsed parameters. */
export interface AcceptedModel extends PinnedConfiguration {
  readonly model: PinnedModel;
}

/** Accepted configurations and frozen markets of every protocol, in memory. */
export interface Configurations {
  /** In force at a market time; null while it is that of the deployment. */
  inForce(protocol: string, atMs: UnixMs): AcceptedModel | null;
  /** In force at a past market time, from the database. @throws DatabaseUnavailableError */
  inForceThen(protocol: string, atMs: UnixMs): Promise<AcceptedModel | null>;
  /** The last accepted one, in force already or not. */
  latest(protocol: string): AcceptedModel | null;
  freeze(protocol: string, market: string): MarketFreeze | null;
  /** Reads the tables now. @throws DatabaseUnavailableError */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Wall time between two reads; changes are told at once, this is for tellings that were lost. */
const RELOAD_MS = 10_000;

/** Keeps them in step with the database. Call `reload` once before the first question. */
export function databaseConfigurations(options: {
  readonly database: Database;
  readonly logger: Logger;
}): Configurations {
  const { database, logger } = options;
  let accepted: ReadonlyMap<string, readonly AcceptedModel[]> = new Map();
  let freezes: ReadonlyMap<string, MarketFreeze> = new Map();
  const parsed = new Map<string, AcceptedModel>();
  let loads = 0;
  let applied = 0;

  const parse = (row: PinnedConfiguration): AcceptedModel => {
    const known = parsed.get(row.proposal);
    if (known !== undefined) return known;
    const model = pinnedModel(row.moduleId, row.moduleVersion, row.parameters);
    const made = { ...row, model };
    parsed.set(row.proposal, made);
    return made;
  };
  const reload = async (): Promise<void> => {
    const load = ++loads;
    const rows = await listConfigurations(database.orm, null);
    const frozen = await listFreezes(database.orm, null);
    if (load < applied) return;
    applied = load;
    const next = new Map<string, AcceptedModel[]>();
    for (const row of rows) next.set(row.protocol, [...(next.get(row.protocol) ?? []), parse(row)]);
    accepted = next;
    freezes = new Map(frozen.map((freeze) => [keyOf(freeze.protocol, freeze.market), freeze]));
  };
  const reloadQuietly = () => {
    reload().catch((error) => logger.warn({ err: error }, 'accepted parameters could not be read'));
  };
  const listener = listen({
    url: database.url,
    channels: [GOVERNANCE_CHANNEL],
    onMessage: reloadQuietly,
    onGap: reloadQuietly,
    logger,
  });
  const timer = setInterval(reloadQuietly, RELOAD_MS);
  return {
    inForce: (protocol, atMs) =>
      accepted.get(protocol)?.findLast(({ effectiveFromMs }) => effectiveFromMs <= atMs) ?? null,
    inForceThen: async (protocol, atMs) => {
      const rows = await listConfigurations(database.orm, protocol);
      const row = rows.findLast(({ effectiveFromMs }) => effectiveFromMs <= atMs);
      return row === undefined ? null : parse(row);
    },
    latest: (protocol) => accepted.get(protocol)?.at(-1) ?? null,
    freeze: (protocol, market) => freezes.get(keyOf(protocol, market)) ?? null,
    reload,
    close: async () => {
      clearInterval(timer);
      await listener.close();
    },
  };
}

const keyOf = (protocol: string, market: string) => `${protocol} ${market}`;
