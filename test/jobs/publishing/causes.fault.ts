import { privateKeyToAccount } from 'viem/accounts';
import { expect, test } from 'vitest';
import { chainSchema } from '../../../chains/registry/chain.ts';
import { withCause } from '../../../db/cause.ts';
import {
  createPublication,
  type NewPublication,
  openPublications,
} from '../../../db/queries/publications.ts';
import { createLogger } from '../../../gateway/app/logger.ts';
import { createPublisher } from '../../../jobs/publishing/publisher.ts';
import { publishSend } from '../../../jobs/tasks/publish-send.ts';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import { context } from '../../helpers/task-context.ts';
import { useDatabase } from '../../helpers/use.ts';

const REQUEST = 'req-of-the-approver';
const database = await useDatabase();

test('a publication names the request that caused it, in its row and in what the jobs log of it', async () => {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger('debug', { write: (line) => lines.push(JSON.parse(line)) });
  // Nobody listens there: the hub cannot be asked.
  const hub = chainSchema.parse({
    ...{ id: 'hub', name: 'hub', chainId: 31337, rpcUrls: ['http://127.0.0.1:9'] },
    ...{ blockTimeSeconds: 12, maxHeadAgeSeconds: 60 },
    layerZero: { endpointId: 1, endpoint: `0x${'0e'.repeat(20)}` },
    risk: { oracle: `0x${'0a'.repeat(20)}`, hub: `0x${'0b'.repeat(20)}` },
  });
  const publisher = createPublisher({
    ...{ database, chains: [hub], hub: 'hub', maxFeeWei: 1n, maxGasPriceWei: 1n, stuckAfterMs: 60_000 },
    account: privateKeyToAccount(`0x${'01'.repeat(32)}`),
    logger: {
      info: (details, message) => logger.info(details, message),
      warn: (details, message) => logger.warn(details, message),
    },
  });
  const value = wadFromDecimal('0.05');
  const made = (id: string): NewPublication => ({
    id,
    protocol: 'local',
    source: 'forecast',
    kind: 'value',
    hub: 'hub',
    market: 'BTC-PERP',
    marketAddress: `0x${'b1'.repeat(20)}`,
    updateType: `type${id.slice(-1)}`,
    value,
    computedValue: value,
    decision: null,
    proposal: null,
  });
  const [caused, own] = [`0x${'1'.repeat(64)}`, `0x${'2'.repeat(64)}`];
  await withCause(REQUEST, () => createPublication(database, made(caused), 'test'));
  await createPublication(database, made(own), 'test');
  const rows = await openPublications(database.orm, 'hub');
  expect(new Map(rows.map(({ id, cause }) => [id, cause]))).toEqual(
    new Map([
      [caused, REQUEST],
      [own, null],
    ]),
  );

  expect(await publishSend.run({}, { publisher }, { ...context, logger })).toEqual({
    ...{ sent: 0, waiting: 2, refused: 0 },
  });
  const notSent = lines.filter(({ msg }) => msg === 'a publication was not sent');
  expect(new Map(notSent.map((line) => [line.publication, line.requestId]))).toEqual(
    new Map([
      [caused, REQUEST],
      [own, undefined],
    ]),
  );
});
