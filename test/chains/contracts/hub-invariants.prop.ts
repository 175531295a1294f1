import fc from 'fast-check';
import type { Address, Hex, LocalAccount } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { riskHubAbi, riskOracleAbi } from '../../../chains/contracts/abi.ts';
import { riskArtifact } from '../../../chains/contracts/artifact.ts';
import { type BoundsDecision, signDecision } from '../../../chains/contracts/decisions.ts';
import { marketAddress } from '../../../chains/contracts/market-address.ts';
import { decodePublicationData, decodeValue } from '../../../chains/contracts/update-data.ts';
import { TIME_LOCK_SECONDS } from '../../../chains/devnet/deploy/risk.ts';
import { approverAccounts, devnetKey, gatewayAccount } from '../../../chains/devnet/keys.ts';
import { START } from '../support/local-chains.ts';
import {
  attempt,
  draft,
  owned,
  RATE,
  type RiskDevnet,
  read,
  startRiskDevnet,
  WAD,
} from '../support/messaging.ts';

let devnet: RiskDevnet;
let now = START;
let run = 0;
beforeAll(async () => {
  devnet = await startRiskDevnet(['hub']);
});
afterAll(() => devnet?.stop());

const stranger = privateKeyToAccount(devnetKey('stranger'));
const people: readonly LocalAccount[] = [...approverAccounts(), stranger];
const MAXIMUM = 1000n;

interface Update {
  readonly newValue: Hex;
  readonly previousValue: Hex;
  readonly additionalData: Hex;
}

type Command =
  | { readonly kind: 'publish'; value: bigint; sequenceOffset: bigint; byGateway: boolean }
  | { readonly kind: 'schedule'; low: bigint; high: bigint; signers: readonly number[]; nonceOffset: bigint }
  | { readonly kind: 'execute'; which: number }
  | { readonly kind: 'wait'; seconds: number };

const value = fc.bigInt(0n, MAXIMUM + 10n);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      value,
      sequenceOffset: fc.constantFrom(0n, 0n, 0n, 0n, 1n, -1n),
      byGateway: fc.constantFrom(true, true, true, false),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('schedule' as const),
      low: value,
      high: value,
      signers: fc.oneof(
        fc.constant([0, 1]),
        fc.constant([1, 2]),
        fc.array(fc.nat({ max: 3 }), { minLength: 0, maxLength: 3 }),
      ),
      nonceOffset: fc.constantFrom(0n, 0n, 0n, 1n),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('execute' as const), which: fc.nat({ max: 5 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      seconds: fc.constantFrom(1, TIME_LOCK_SECONDS - 1, TIME_LOCK_SECONDS),
    }),
  },
);

/** What RiskHub should do, apart from its code. */
interface Model {
  sequence: bigint;
  published: bigint | null;
  nonce: bigint;
  bounds: { low: bigint; high: bigint } | null;
  readonly scheduled: { decision: BoundsDecision; readyAt: number }[];
  /** Decisions below this nonce are executed or overtaken. */
  settled: bigint;
}

describe('whatever is asked of RiskHub', () => {
  it('sequence grows by one; the gateway never leaves its bounds; bounds need k of n and the time lock; getLatest is the last published', async () => {
    const { chain, risk } = devnet.hub;
    const hub = risk.hub!;
    const chainId = chain.definition.chainId;
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 4, maxLength: 14 }), async (commands) => {
        run += 1;
        const market = marketAddress(`property ${run}`);
        await owned(chain, risk.owner, risk.oracle, riskArtifact('RiskOracle').abi, 'setBounds', [
          RATE,
          market,
          0n,
          MAXIMUM + 10n,
        ]);
        const model: Model = {
          sequence: 0n,
          published: null,
          nonce: 0n,
          bounds: null,
          scheduled: [],
          settled: 0n,
        };
        const decisionOf = (low: bigint, high: bigint, nonce: bigint): BoundsDecision => {
          return { market, updateType: RATE, minValue: low, maxValue: high, nonce, validUntil: 2n ** 40n };
        };
        // Half of the runs begin with bounds, so that publications are not all refused.
        const first: Command[] =
          run % 2 === 0
            ? [
                { kind: 'schedule', low: 100n, high: 900n, signers: [0, 2], nonceOffset: 0n },
                { kind: 'wait', seconds: TIME_LOCK_SECONDS },
                { kind: 'execute', which: 0 },
              ]
            : [];
        for (const step of [...first, ...commands]) await obey(step, model, decisionOf, market);
      }),
      { numRuns: 24, seed: 20_261_122 },
    );

    async function obey(
      step: Command,
      model: Model,
      decisionOf: (low: bigint, high: bigint, nonce: bigint) => BoundsDecision,
      market: Address,
    ): Promise<void> {
      const to = { to: hub, abi: [...riskHubAbi, ...riskArtifact('RiskHub').abi] };
      if (step.kind === 'wait') {
        now += step.seconds;
        await chain.step({ timestampSeconds: now });
      }
      if (step.kind === 'publish') {
        const sequence = model.sequence + 1n + step.sequenceOffset;
        const drafts = [draft({ market, value: step.value, sequence })];
        const account = step.byGateway ? gatewayAccount() : stranger;
        const fee = step.byGateway ? WAD / 100n : 0n;
        const error = await attempt(chain, account, {
          ...to,
          functionName: 'publish',
          args: [drafts],
          value: fee,
        });
        const { bounds } = model;
        const inside = bounds !== null && step.value >= bounds.low && step.value <= bounds.high;
        expect(error === null).toBe(step.byGateway && step.sequenceOffset === 0n && inside);
        if (error === null) [model.sequence, model.published] = [sequence, step.value];
      }
      if (step.kind === 'schedule') {
        const nonce = model.nonce + step.nonceOffset;
        const decision = decisionOf(step.low, step.high, nonce);
        const signers = step.signers.map((index) => people[index]!);
        const signatures = await signDecision(signers, chainId, hub, 'Bounds', decision);
        const args = [decision, signatures];
        const error = await attempt(chain, stranger, { ...to, functionName: 'scheduleBounds', args });
        const distinct = new Set(step.signers).size === step.signers.length;
        const approved = distinct && step.signers.length >= 2 && !step.signers.includes(3);
        expect(error === null).toBe(approved && step.nonceOffset === 0n && step.low <= step.high);
        if (error === null) {
          model.nonce += 1n;
          model.scheduled.push({ decision, readyAt: now + TIME_LOCK_SECONDS });
        }
      }
      if (step.kind === 'execute' && model.scheduled.length > 0) {
        const index = step.which % model.scheduled.length;
        const { decision, readyAt } = model.scheduled[index]!;
        const error = await attempt(chain, stranger, {
          ...to,
          functionName: 'executeBounds',
          args: [decision],
        });
        const overtaken = decision.nonce < model.settled;
        expect(error).toBe(now < readyAt ? 'TimeLocked' : overtaken ? 'Overtaken' : null);
        if (error === null) {
          model.bounds = { low: decision.minValue, high: decision.maxValue };
          model.settled = decision.nonce + 1n;
          model.scheduled.splice(index, 1);
        }
      }
      const line = (await read(chain, hub, riskHubAbi, 'lineOf', [market, RATE])) as {
        sequence: bigint;
        bounded: boolean;
        minValue: bigint;
        maxValue: bigint;
      };
      expect(line).toEqual({
        sequence: model.sequence,
        bounded: model.bounds !== null,
        minValue: model.bounds?.low ?? 0n,
        maxValue: model.bounds?.high ?? 0n,
      });
      if (model.published === null) return;
      const args = [RATE, market];
      const update = (await read(
        chain,
        risk.oracle,
        riskOracleAbi,
        'getLatestUpdateByParameterAndMarket',
        args,
      )) as Update;
      expect(decodeValue(update.newValue)).toBe(model.published);
      expect(decodePublicationData(update.additionalData).sequence).toBe(model.sequence);
    }
  });
});
