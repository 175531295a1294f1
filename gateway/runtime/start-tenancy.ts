import type { Logger } from 'pino';
import type { LocalAccount } from 'viem';
import type { Database } from '../../db/connection.ts';
import { listAudit } from '../../db/queries/audit.ts';
import { auditTail } from '../../db/queries/audit-tail.ts';
import type { OutboxEntry } from '../../db/queries/outbox.ts';
import type { QueueBackend } from '../../jobs/queues/backend.ts';
import { type Schedule, schedule } from '../../jobs/schedule.ts';
import { type BoundTask, bindTask } from '../../jobs/task.ts';
import { proposals } from '../../jobs/tasks/proposals.ts';
import { watchEvents } from '../../jobs/tasks/watch-events.ts';
import { enqueueDelivery, webhookDeliver } from '../../jobs/tasks/webhook-deliver.ts';
import { webhookSweep } from '../../jobs/tasks/webhook-sweep.ts';
import type { TenancyPorts } from '../app/tenancy-ports.ts';
import { databaseKeys } from '../auth/database-keys.ts';
import type { NetworkConfig } from '../config/network.ts';
import type { Engine } from '../engine/engine.ts';
import { assessProposal } from '../governance/assess.ts';
import type { Configurations } from '../governance/configurations.ts';
import { databaseGovernance } from '../governance/governance.ts';
import { hubDecisions } from '../governance/hub-decisions.ts';
import type { MarginUnder } from '../governance/impact.ts';
import type { PinnedModel } from '../governance/pinned-model.ts';
import { ratesOf } from '../governance/rates.ts';
import { databasePublications } from '../publishing/publications.ts';
import { publishingJobs } from '../publishing/publishing-jobs.ts';
import { webhookSender } from '../webhooks/deliver.ts';
import { dispatchToWebhooks } from '../webhooks/events.ts';
import { observeFeedsAndRegimes } from '../webhooks/observe.ts';
import { databaseWebhooks } from '../webhooks/webhooks.ts';

export interface TenancyOptions {
  readonly database: Database;
  readonly engine: Engine;
  readonly network: NetworkConfig;
  readonly configurations: Configurations;
  readonly logger: Logger;
  /** Webhooks may call http and private addresses; for development. */
  readonly allowPrivateWebhooks: boolean;
  /** The gateway's key on the hub; null: nothing is published. */
  readonly chainAccount: LocalAccount | null;
}

/** Margins under a model that need not be in force. */
const marginUnder =
  ({ evaluate }: Pick<Engine, 'evaluate'>): MarginUnder =>
  async (protocol, portfolio, model, onChains = null) =>
    (await evaluate(protocol, portfolio, { model, onChains })).result;

/** The same of many books, at one moment. */
function stillMargin(engine: Engine) {
  const { asOfMs, evaluate } = engine.still();
  return { asOfMs, margin: marginUnder({ evaluate }) };
}

function deploymentOf({ engine, network }: TenancyOptions) {
  const { module, parameters, parametersHash } = engine.configuration;
  return { module, parameters, parametersHash, given: network.module.parameters };
}

function governanceOf(options: TenancyOptions) {
  const { database, engine, configurations } = options;
  return databaseGovernance({
    database,
    books: engine.everyBook,
    configurations,
    deployment: deploymentOf(options),
    markets: engine.configuration.markets,
    clock: engine.clock,
    margin: marginUnder(engine),
    still: () => stillMargin(engine),
    price: (feedId) => usablePrice(engine, feedId),
    hub: hubDecisions(options.network),
  });
}

function usablePrice(engine: Engine, feedId: string) {
  const { market, verdicts } = engine.ports.prices.get(feedId);
  return market !== null && verdicts.margin.usable ? market.priceWad : null;
}

/** Rates of markets under any model, at one moment. */
function stillRates(engine: Engine) {
  const { asOfMs, margin } = stillMargin(engine);
  const { markets } = engine.configuration;
  const prices = new Map([...markets].map(([id, { feedId }]) => [id, usablePrice(engine, feedId)]));
  return async (protocol: string, id: string, model: PinnedModel) => {
    const [market, priceWad] = [markets.get(id), prices.get(id) ?? null];
    if (market === undefined || priceWad === null) return null;
    return ratesOf({ protocol, market, model, priceWad, asOfMs, margin });
  };
}

/** What the HTTP application needs to serve keys, governance, audit and webhooks. */
export function tenancyPorts(options: TenancyOptions): TenancyPorts {
  const { database } = options;
  return {
    keys: databaseKeys(database),
    audit: {
      list: (protocol, page) => listAudit(database.orm, protocol, page),
      tail: (protocol, page) => auditTail(database, protocol, page),
    },
    governance: governanceOf(options),
    webhooks: databaseWebhooks(database, options.allowPrivateWebhooks),
    publications: databasePublications(database, options.network),
    consents: options.engine.consents,
  };
}

/** Wall time between runs. */
const CADENCE = { proposalsMs: 2_000, watchEventsMs: 5_000, webhookSweepMs: 60_000 };

/** Jobs of the same: proposals, events and their delivery. `dispatch` takes what the outbox relays. */
export function tenancyJobs(options: TenancyOptions & { readonly backend: QueueBackend }): {
  readonly tasks: readonly BoundTask[];
  readonly schedules: readonly Schedule[];
  dispatch(entry: OutboxEntry): Promise<void>;
} {
  const { database, engine, backend, allowPrivateWebhooks: allowPrivate } = options;
  const { clock } = engine;
  const deployment = deploymentOf(options);
  const enqueue = (delivery: { readonly id: string; readonly round: number }) =>
    enqueueDelivery(backend, delivery);
  const publishing = publishingJobs({
    database,
    network: options.network,
    account: options.chainAccount,
    governance: governanceOf(options),
    deployment,
    clock,
    logger: options.logger,
  });
  const hub = hubDecisions(options.network);
  return {
    tasks: [
      ...publishing.tasks,
      bindTask(proposals, {
        database,
        clock,
        deploymentHash: deployment.parametersHash,
        assess: (proposal, signal) => {
          const onChain = hub === null ? null : { hub, rates: stillRates(engine) };
          const books = engine.everyBook;
          const still = stillMargin(engine);
          return assessProposal({ database, books, proposal, deployment, ...still, signal, onChain });
        },
      }),
      bindTask(watchEvents, {
        database,
        seen: new Map(),
        observe: () => observeFeedsAndRegimes(engine.ports, clock.nowMs()),
      }),
      bindTask(webhookDeliver, {
        database,
        send: webhookSender(allowPrivate),
      }),
      bindTask(webhookSweep, { database, enqueue }),
    ],
    schedules: [
      ...publishing.schedules,
      schedule(proposals, CADENCE.proposalsMs, {}),
      schedule(watchEvents, CADENCE.watchEventsMs, {}),
      schedule(webhookSweep, CADENCE.webhookSweepMs, {}),
    ],
    dispatch: (entry) => dispatchToWebhooks(database, entry, enqueue),
  };
}
