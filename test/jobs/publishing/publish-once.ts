import { gatewayAccount } from '../../../chains/devnet/keys.ts';
import type { ChainDefinition } from '../../../chains/registry/chain.ts';
import { openDatabase } from '../../../db/connection.ts';
import { createPublisher } from '../../../jobs/publishing/publisher.ts';
import { publishSend } from '../../../jobs/tasks/publish-send.ts';
import { context } from '../../helpers/task-context.ts';

/** One run of the sending job in a process of its own, so that it can be killed. */
const { url, chains } = JSON.parse(process.env.PUBLISH ?? '') as {
  url: string;
  chains: readonly ChainDefinition[];
};
const database = openDatabase({ url });
const publisher = createPublisher({
  database,
  chains,
  hub: 'hub',
  account: gatewayAccount(),
  maxFeeWei: 10n ** 17n,
  maxGasPriceWei: 10n ** 11n,
  stuckAfterMs: 60_000,
});
await publishSend.run({}, { publisher }, context);
await database.close();
process.stdout.write('published\n');
