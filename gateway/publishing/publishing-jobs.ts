import type { Logger } from 'pino';
import type { LocalAccount } from 'viem';
import { marketAddress } from '../../chains/contracts/market-address.ts';
import type { Database } from '../../db/connection.ts';
import { latestConfiguration } from '../../db/queries/governance.ts';
import type { LineTarget, PlannedLine } from '../../jobs/publishing/forecast-moves.ts';
import { createPublisher } from '../../jobs/publishing/publisher.ts';
import { type Schedule, schedule } from '../../jobs/schedule.ts';
import { type BoundTask, bindTask } from '../../jobs/task.ts';
import { publishPlan } from '../../jobs/tasks/publish-plan.ts';
import { publishSend } from '../../jobs/tasks/publish-send.ts';
import { publishTrack } from '../../jobs/tasks/publish-track.ts';
import type { Clock } from '../../risk/units/time.ts';
import { wadFromDecimal } from '../../risk/units/wad.ts';
import type { NetworkConfig } from '../config/network.ts';
import { rateOf } from '../governance/changes-on-chain.ts';
import type { DeploymentModel } from '../governance/pinned-model.ts';
import type { GovernancePort } from '../governance/port.ts';

export interface PublishingOptions {
  readonly database: Database;
  readonly network: Pick<NetworkConfig, 'chains' | 'publishing'>;
  /** The gateway's key on the hub; null: nothing is published. */
  readonly account: LocalAccount | null;
  readonly governance: Pick<GovernancePort, 'parameters'>;
  /** What margins a protocol that has accepted nothing yet. */
  readonly deployment: DeploymentModel;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Wall time between runs. */
const CADENCE = { sendMs: 1_000, trackMs: 1_000 };

/** Jobs that publish what forecasts and approvers change; none without a `publishing` section and a key. */
export function publishingJobs(options: PublishingOptions): {
  readonly tasks: readonly BoundTask[];
  readonly schedules: readonly Schedule[];
} {
  const { database, network, account, governance, deployment, clock, logger } = options;
  const { publishing, chains } = network;
  if (publishing === null || account === null) {
    if (publishing !== null) logger.warn({}, 'CHAIN_KEY is not set: parameters are not published');
    return { tasks: [], schedules: [] };
  }
  const publisher = createPublisher({
    database,
    chains,
    hub: publishing.hub,
    account,
    maxFeeWei: BigInt(publishing.maxFeeWei),
    maxGasPriceWei: BigInt(publishing.maxGasPriceWei),
    stuckAfterMs: publishing.stuckAfterSeconds * 1000,
    logger: {
      info: (details, message) => logger.info(details, message),
      warn: (details, message) => logger.warn(details, message),
    },
  });
  const autonomous = publishing.lines.filter((line) => line.autonomous);
  const lines = autonomous.map(
    ({ protocol, market, updateType, address }): PlannedLine => ({
      protocol,
      market,
      updateType,
      marketAddress: address ?? marketAddress(market),
    }),
  );
  return {
    tasks: [
      bindTask(publishPlan, {
        publisher,
        lines,
        target: (line) => targetOf(governance, line),
        minChangeWad: wadFromDecimal(publishing.minChange, 'publishing.minChange'),
        lowerAfterMs: publishing.lowerAfterSeconds * 1000,
        vetoMs: publishing.vetoSeconds * 1000,
        configuration: (protocol) => configurationOf(database, deployment, protocol),
        deploymentHash: deployment.parametersHash,
        clock,
      }),
      bindTask(publishSend, { publisher }),
      bindTask(publishTrack, { publisher }),
    ],
    schedules: [
      schedule(publishPlan, publishing.lookSeconds * 1000, {}),
      schedule(publishSend, CADENCE.sendMs, {}),
      schedule(publishTrack, CADENCE.trackMs, {}),
    ],
  };
}

/** The last accepted configuration of a protocol. */
async function configurationOf(database: Database, deployment: DeploymentModel, protocol: string) {
  const latest = await latestConfiguration(database.orm, protocol);
  if (latest !== null) {
    const { moduleId, moduleVersion, parameters, parametersHash } = latest;
    return { moduleId, moduleVersion, parameters, parametersHash };
  }
  const { module, given: parameters, parametersHash } = deployment;
  return { moduleId: module.id, moduleVersion: module.version, parameters, parametersHash };
}

/** The rates in force with the buffer of the forecast; null without a usable price or while a buffer has no forecast. */
async function targetOf(
  governance: Pick<GovernancePort, 'parameters'>,
  line: PlannedLine,
): Promise<LineTarget | null> {
  const { rates } = await governance.parameters(line.protocol, line.market, null);
  if (rates === null || rates.buffers.some(({ sigmaQuantile }) => sigmaQuantile === null)) return null;
  const maintenance = line.updateType === 'maintenanceMarginRate';
  const rising = maintenance ? rates.buffers.flatMap(({ effectiveFromMs }) => effectiveFromMs ?? []) : [];
  return {
    valueWad: rateOf(line, rates)!,
    asOfMs: rates.asOfMs,
    risesUntilMs: rising.length === 0 ? null : Math.max(...rising),
  };
}
