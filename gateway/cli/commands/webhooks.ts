import { parseArgs } from 'node:util';
import type { Database } from '../../../db/connection.ts';
import { deliveriesInState, replayDelivery } from '../../../db/queries/webhook-deliveries.ts';
import { type Command, table } from '../command.ts';
import { withDatabase } from '../open-database.ts';

const USAGE = `usage: npm run webhooks -- <command>
  dead [--protocol ID]                     messages that were given up
  replay (DELIVERY_ID ... | --all-dead) [--protocol ID]   sends them again, with the same webhook-id
Works on DATABASE_URL, or on the embedded database in DATA_DIR. A running worker does the sending.`;

const LIMIT = 10_000;

function deadOnes(database: Database, protocol: string | undefined) {
  const ask = { state: 'dead', beforeMs: Date.now() + 1, limit: LIMIT } as const;
  return deliveriesInState(database.orm, protocol === undefined ? ask : { ...ask, protocol });
}

/** `npm run webhooks`. */
export const webhooksCommand: Command = {
  usage: USAGE,
  run: async ({ args, environment, print }) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { protocol: { type: 'string' }, 'all-dead': { type: 'boolean' } },
    });
    const [command, ...ids] = positionals;
    const { protocol } = values;
    if (command === 'dead') {
      return withDatabase(environment, async (database) => {
        const rows = (await deadOnes(database, protocol)).map((one) => [
          one.id,
          one.protocol,
          one.webhook,
          one.event,
          String(one.attempts),
          new Date(one.createdAtMs).toISOString(),
          one.lastError ?? '-',
        ]);
        print(table([['id', 'protocol', 'webhook', 'event', 'tries', 'made', 'why'], ...rows]));
        return 0;
      });
    }
    const all = values['all-dead'] === true;
    if (command !== 'replay' || all === ids.length > 0) return null;
    return withDatabase(environment, async (database) => {
      const chosen = all ? (await deadOnes(database, protocol)).map(({ id }) => id) : ids;
      for (const id of chosen) {
        await replayDelivery(database, { protocol: protocol ?? null, webhook: null, id }, 'cli');
        print(`${id} will be sent again`);
      }
      return 0;
    });
  },
};
