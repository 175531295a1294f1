import type { LocalAccount } from 'viem';
import type { ChainLogger } from '../../chains/clients/logger.ts';
import { Hub } from '../../chains/publisher/hub.ts';
import { openPublisherChain, type PublisherChain } from '../../chains/publisher/publisher-chain.ts';
import { Sender } from '../../chains/publisher/sender.ts';
import type { TransactionStore } from '../../chains/publisher/transaction-store.ts';
import type { ChainDefinition } from '../../chains/registry/chain.ts';
import type { Database } from '../../db/connection.ts';
import { changeTransaction, highestNonce, watchedTransactions } from '../../db/queries/chain-transactions.ts';
import { InvalidInputError } from '../../risk/errors.ts';

export interface PublisherOptions {
  readonly database: Database;
  readonly chains: readonly ChainDefinition[];
  /** Registry id of the chain with RiskHub. */
  readonly hub: string;
  /** The gateway's key: publishes on the hub, and delivers what is stuck elsewhere. */
  readonly account: LocalAccount;
  /** Native fee of all messages of one publication, at most. */
  readonly maxFeeWei: bigint;
  readonly maxGasPriceWei: bigint;
  /** Wall time after which a message that has not arrived counts as stuck. */
  readonly stuckAfterMs: number;
  /** Wall time after which a transaction that is not mined is replaced. */
  readonly replaceAfterMs?: number;
  /** Over what the registry's finality says, for every chain. */
  readonly confirmations?: number;
  /** Wall time before a publication that could not be sent is tried again, doubled each time. Default 5 s. */
  readonly retryFirstMs?: number;
  readonly logger?: ChainLogger;
}

/** What the publishing jobs of one hub share. */
export interface Publisher {
  readonly database: Database;
  readonly hub: Hub;
  readonly store: TransactionStore;
  readonly account: LocalAccount;
  readonly maxFeeWei: bigint;
  readonly stuckAfterMs: number;
  readonly retryFirstMs: number;
  /** Chains with an oracle of ours, the hub's among them. */
  readonly chains: ReadonlyMap<string, PublisherChain>;
  sender(chain: string): Sender;
  chainOfEndpoint(eid: number): PublisherChain | null;
  readonly logger: ChainLogger | undefined;
}

/** Opens no connection. @throws InvalidInputError when the registry has no hub there. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { database, account, maxFeeWei, maxGasPriceWei, stuckAfterMs, logger } = options;
  const open = options.confirmations === undefined ? {} : { confirmations: options.confirmations };
  const chains = new Map(
    options.chains
      .filter(({ id, risk }) => id === options.hub || risk?.receiver != null)
      .map((definition) => [definition.id, openPublisherChain(definition, open)] as const),
  );
  const store: TransactionStore = {
    watched: (key) => watchedTransactions(database.orm, key),
    highestNonce: (key) => highestNonce(database.orm, key),
    change: (transaction, values) => changeTransaction(database.orm, transaction, values),
  };
  const replacing = options.replaceAfterMs === undefined ? {} : { replaceAfterMs: options.replaceAfterMs };
  const senders = new Map(
    [...chains].map(([id, chain]) => {
      const common = { chain, account, store, maxGasPriceWei, ...replacing };
      return [id, new Sender(logger === undefined ? common : { ...common, logger })] as const;
    }),
  );
  const hubChain = chains.get(options.hub);
  if (hubChain === undefined)
    throw new InvalidInputError('publishing.hub', `no chain '${options.hub}' in the registry`);
  return {
    database,
    hub: new Hub(hubChain),
    store,
    account,
    maxFeeWei,
    stuckAfterMs,
    retryFirstMs: options.retryFirstMs ?? 5_000,
    chains,
    sender: (chain) => senders.get(chain)!,
    chainOfEndpoint: (eid) =>
      [...chains.values()].find(({ definition }) => definition.layerZero?.endpointId === eid) ?? null,
    logger,
  };
}
