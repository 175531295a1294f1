import { concat, type Hex, keccak256, stringToHex } from 'viem';
import { z } from 'zod';
import { executeProposal } from '../../db/queries/execute-proposal.ts';
import {
  createForecastProposal,
  isFrozen,
  type NewForecastProposal,
} from '../../db/queries/forecast-proposals.ts';
import { getPolicy } from '../../db/queries/governance.ts';
import type { HubChange } from '../../db/queries/proposal-on-chain.ts';
import type { NewProposal } from '../../db/queries/proposals.ts';
import type { Clock } from '../../risk/units/time.ts';
import { PartialFailureError } from '../errors.ts';
import {
  type LineTarget,
  type MarketMoves,
  type MoveLimits,
  marketMoves,
  type PlannedLine,
} from '../publishing/forecast-moves.ts';
import { share } from '../publishing/move.ts';
import type { Publisher } from '../publishing/publisher.ts';
import { defineTask } from '../task.ts';

export interface PublishPlanPorts extends MoveLimits {
  readonly publisher: Publisher;
  /** Those that forecasts may move; nothing else is looked at. */
  readonly lines: readonly PlannedLine[];
  /** What should be in force now; null while prices or forecasts do not say. */
  target(line: PlannedLine): Promise<LineTarget | null>;
  /** What margins a protocol: its parameters do not change. @throws DatabaseUnavailableError */
  configuration(
    protocol: string,
  ): Promise<Pick<NewProposal, 'moduleId' | 'moduleVersion' | 'parameters' | 'parametersHash'>>;
  /** Hash of the configuration that is in force where nothing was accepted yet. */
  readonly deploymentHash: string;
  /** Market time. */
  readonly clock: Clock;
  /** Wall time that a proposal which only lowers waits for a veto. */
  readonly vetoMs: number;
}

/**
 * Turns what forecasts change into proposals. Inside the bounds that the hub's approvers gave the gateway's key one needs
 * no approvals: a rise is executed at once, a fall when its time for a veto is over. Outside it becomes an ordinary
 * proposal, which says why. Nothing is proposed for a frozen market, and one proposal per state of its lines.
 */
export const publishPlan = defineTask({
  name: 'publish-plan',
  payload: z.strictObject({}),
  timeoutMs: 60_000,
  attempts: 3,
  backoff: { delayMs: 1_000, jitter: 0.5 },
  async run(_payload, ports: PublishPlanPorts, { signal, logger }) {
    const failures: { part: string; error: unknown }[] = [];
    const counts = { proposed: 0, asked: 0, withoutPolicy: 0 };
    const markets = new Map<string, PlannedLine[]>();
    for (const line of ports.lines) {
      const part = `${line.market} of ${line.protocol}`;
      markets.set(part, [...(markets.get(part) ?? []), line]);
    }
    for (const [part, lines] of markets) {
      signal.throwIfAborted();
      try {
        const done = await planMarket(ports, lines);
        counts.proposed += done.proposed;
        counts.asked += done.asked;
        counts.withoutPolicy += done.withoutPolicy;
        for (const refusal of done.refusals)
          logger.warn({ market: part, refusal }, 'a forecast needs approvals');
      } catch (error) {
        failures.push({ part, error });
      }
    }
    if (failures.length > 0) throw new PartialFailureError('publish-plan', failures);
    if (counts.proposed > 0) logger.info(counts, 'forecasts change published parameters');
    return counts;
  },
});

const NOTHING = { proposed: 0, asked: 0, withoutPolicy: 0, refusals: [] as readonly string[] };

async function planMarket(ports: PublishPlanPorts, lines: readonly PlannedLine[]) {
  const { database } = ports.publisher;
  const { protocol, market } = lines[0]!;
  if (await isFrozen(database.orm, protocol, market)) return NOTHING;
  const nowMs = Date.now();
  const moves = await marketMoves(ports.publisher, lines, (line) => ports.target(line), ports, nowMs);
  const rising = moves.raises.length > 0;
  const changes = rising ? moves.raises : moves.falls;
  let proposed = 0;
  if (changes.length > 0) {
    const executableAtMs = rising ? nowMs : nowMs + ports.vetoMs;
    const made = await forecastProposal(
      ports,
      { protocol, market, changes, previous: moves.previous },
      nowMs,
    );
    if (await createForecastProposal(database, { ...made, executableAtMs }, nowMs)) proposed = 1;
    const time = { nowMs, marketNowMs: ports.clock.nowMs(), deploymentHash: ports.deploymentHash };
    if (rising) await executeProposal(database, made.id, time);
  }
  return { proposed, ...(await askApprovers(ports, protocol, market, moves, nowMs)) };
}

/** What lies outside the bounds becomes an ordinary proposal, if there is somebody to approve it. */
async function askApprovers(
  ports: PublishPlanPorts,
  protocol: string,
  market: string,
  { asked, previous }: MarketMoves,
  nowMs: number,
) {
  const { database } = ports.publisher;
  if (asked.length === 0) return { asked: 0, withoutPolicy: 0, refusals: [] };
  const policy = await getPolicy(database.orm, protocol);
  if (policy === null) return { asked: 0, withoutPolicy: 1, refusals: [] };
  const changes = asked.map(({ change }) => change);
  const refusal = asked.map(({ change, reason }) => `${titleOf(change)}: ${reason}`).join('; ');
  const made = await forecastProposal(ports, { protocol, market, changes, previous, refusal }, nowMs);
  const { bounds: _bounds, ...deciding } = policy;
  const deadlineMs = (Math.floor(nowMs / 1000) + policy.approvalSeconds) * 1000;
  const ordinary = { ...made, policy: deciding, deadlineMs, autonomous: false, executableAtMs: null };
  const created = await createForecastProposal(database, ordinary, nowMs);
  return { asked: created ? 1 : 0, withoutPolicy: 0, refusals: created ? [refusal] : [] };
}

const titleOf = ({ updateType, previous, value }: HubChange) =>
  `${updateType} ${previous === null ? '' : `${share(previous)} to `}${share(value!)}`;

async function forecastProposal(
  ports: PublishPlanPorts,
  ask: {
    readonly protocol: string;
    readonly market: string;
    readonly changes: readonly HubChange[];
    readonly previous: MarketMoves['previous'];
    readonly refusal?: string;
  },
  nowMs: number,
): Promise<Omit<NewForecastProposal, 'executableAtMs'>> {
  const { hub } = ports.publisher;
  const { protocol, market, changes, previous, refusal = null } = ask;
  const { chainId } = hub.chain.definition;
  const content = await ports.configuration(protocol);
  const over = refusal === null ? previous.alone : previous.asked;
  return {
    // The same for every worker that looks at the same state, so that one of them makes it.
    id: idOf([
      String(chainId),
      hub.address,
      protocol,
      market,
      String(refusal === null),
      over,
      previous.lines,
    ]),
    protocol,
    title: `Forecast of ${market}: ${changes.map(titleOf).join(', ')}`,
    ...content,
    baseHash: content.parametersHash,
    // Nobody approves it; the hub's bounds were approved before.
    policy: {
      ...{ signers: [], threshold: 0, timeLockSeconds: 0, noticeSeconds: 0, approvalSeconds: 0 },
      ...{ chainId, verifyingContract: hub.address.toLowerCase() },
    },
    autonomous: refusal === null,
    market,
    refusal,
    onChain: { hub: hub.chain.id, chainId, address: hub.address, threshold: 0, changes, omitted: [] },
    createdBy: 'forecast',
    deadlineMs: nowMs + ports.vetoMs,
  };
}

/** Each part hashed apart: no two lists run together to the same text. */
const idOf = (parts: readonly string[]): Hex =>
  keccak256(concat(parts.map((part) => keccak256(stringToHex(part)))));
