import { parseEventLogs } from 'viem';
import { riskOracleAbi } from '../../../chains/contracts/abi.ts';
import { marketAddress } from '../../../chains/contracts/market-address.ts';
import { decodeValue } from '../../../chains/contracts/update-data.ts';
import { gatewayAccount } from '../../../chains/devnet/keys.ts';
import { type LayerZeroWorkers, startLayerZeroWorkers } from '../../../chains/layerzero/workers.ts';
import { publicationId } from '../../../chains/publisher/hub.ts';
import type { Database } from '../../../db/connection.ts';
import { createPublication, type PublicationView, publicationOf } from '../../../db/queries/publications.ts';
import {
  createPublisher,
  type Publisher,
  type PublisherOptions,
} from '../../../jobs/publishing/publisher.ts';
import { publishSend } from '../../../jobs/tasks/publish-send.ts';
import { publishTrack } from '../../../jobs/tasks/publish-track.ts';
import { START } from '../../chains/support/local-chains.ts';
import { clientOf, type RiskDevnet, read, startRiskDevnet } from '../../chains/support/messaging.ts';
import { startTestPostgres } from '../../helpers/postgres.ts';
import { context } from '../../helpers/task-context.ts';

export const RATE = 'initialMarginRate';

/** Local chains with a hub, a database, and the publishing jobs, run by hand. */
export interface PublishingWorld {
  readonly database: Database;
  readonly devnet: RiskDevnet;
  readonly workers: LayerZeroWorkers;
  readonly publisher: Publisher;
  make(options?: Partial<PublisherOptions>): Publisher;
  send(publisher?: Publisher): Promise<unknown>;
  track(publisher?: Publisher): Promise<unknown>;
  /** A publication from the hub to every chain: sent, delivered, followed. */
  arrive(): Promise<void>;
  /** One block on every chain, `seconds` after the last. */
  mineAll(seconds?: number): Promise<void>;
  now(): number;
  /** Stores a publication of the gateway's key. */
  ask(market: string, value: bigint, more?: AskMore): Promise<string>;
  /** The next call of `ask` is of the same moment as the last, and so the same publication. */
  repeat(): void;
  view(id: string): Promise<PublicationView>;
  /** References that the oracles have for a market, by chain, oldest first. */
  eventsOn(market: string): Promise<Record<string, string[]>>;
  /** What the oracle of each chain answers. */
  valuesOn(market: string, updateType?: string): Promise<readonly bigint[]>;
  close(): Promise<void>;
}

export interface AskMore {
  readonly updateType?: string;
  readonly proposal?: string;
}

export const states = ({ arrivals }: PublicationView) =>
  Object.fromEntries(arrivals.map(({ chain, state }) => [chain, state]));

export async function publishingWorld(chains: readonly string[]): Promise<PublishingWorld> {
  const postgres = await startTestPostgres();
  const [database, devnet] = await Promise.all([postgres.openMigrated(), startRiskDevnet(chains)]);
  const workers = startLayerZeroWorkers({ chains: devnet.chains, pollMs: null });
  let time = START;
  let asOfMs = 0;
  const make = (options: Partial<PublisherOptions> = {}) =>
    createPublisher({
      database,
      chains: devnet.chains.map(({ definition }) => definition),
      hub: 'hub',
      account: gatewayAccount(),
      maxFeeWei: 10n ** 17n,
      maxGasPriceWei: 10n ** 11n,
      stuckAfterMs: 60_000,
      confirmations: 3,
      retryFirstMs: 0,
      ...options,
    });
  const publisher = make();
  const send = (by = publisher) => publishSend.run({}, { publisher: by }, context);
  const track = (by = publisher) => publishTrack.run({}, { publisher: by }, context);
  return {
    ...{ database, devnet, workers, publisher, make, send, track },
    async arrive() {
      await send();
      await workers.round();
      await send();
      await track();
    },
    async mineAll(seconds = 1) {
      time += seconds;
      await Promise.all(devnet.chains.map((chain) => chain.step({ timestampSeconds: time })));
    },
    now: () => time,
    repeat: () => {
      asOfMs -= 1;
    },
    async ask(market, value, { updateType = RATE, proposal = null as string | null } = {}) {
      asOfMs += 1;
      const address = marketAddress(market);
      const { address: hub } = publisher.hub;
      const line = { market: address, updateType };
      const id = publicationId({ chainId: 31337, hub, ...line, value, previous: '', asOfMs });
      const made = { id, protocol: 'local', source: 'forecast', kind: 'value', hub: 'hub', market } as const;
      const where = { marketAddress: address, updateType, proposal, decision: null };
      await createPublication(database, { ...made, ...where, value, computedValue: value }, 'test');
      return id;
    },
    view: async (id) => (await publicationOf(database.orm, id)) as PublicationView,
    async eventsOn(market) {
      const at = marketAddress(market);
      const found: Record<string, string[]> = {};
      for (const { chain, risk } of devnet.all) {
        const logs = await clientOf(chain).getLogs({ address: risk.oracle, fromBlock: 0n });
        found[chain.definition.id] = parseEventLogs({
          abi: riskOracleAbi,
          logs,
          eventName: 'ParameterUpdated',
        })
          .filter(({ args }) => args.market === at)
          .map(({ args }) => args.referenceId);
      }
      return found;
    },
    valuesOn: (market, updateType = RATE) =>
      Promise.all(
        devnet.all.map(async ({ chain, risk }) => {
          const args = [updateType, marketAddress(market)];
          const name = 'getLatestUpdateByParameterAndMarket';
          const update = (await read(chain, risk.oracle, riskOracleAbi, name, args)) as {
            newValue: `0x${string}`;
          };
          return decodeValue(update.newValue);
        }),
      ),
    async close() {
      await workers.stop();
      await devnet.stop();
      await postgres.stop();
    },
  };
}
