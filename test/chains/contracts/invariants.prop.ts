import fc from 'fast-check';
import { encodeAbiParameters, type Hex, pad } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attestationVerifierAbi, riskOracleAbi, riskReceiverAbi } from '../../../chains/contracts/abi.ts';
import { riskArtifact } from '../../../chains/contracts/artifact.ts';
import { type Attestation, signAttestation } from '../../../chains/contracts/attestation.ts';
import { marketAddress } from '../../../chains/contracts/market-address.ts';
import { decodeValue } from '../../../chains/contracts/update-data.ts';
import { attesterAccount, devnetKey } from '../../../chains/devnet/keys.ts';
import { executeTransaction } from '../../../chains/layerzero/worker-transactions.ts';
import { startLayerZeroWorkers } from '../../../chains/layerzero/workers.ts';
import {
  attempt,
  BTC,
  owned,
  publish,
  RATE,
  type RiskDevnet,
  read,
  startRiskDevnet,
  WAD,
} from '../support/messaging.ts';

let devnet: RiskDevnet;
let run = 0;
beforeAll(async () => {
  devnet = await startRiskDevnet(['hub']);
});
afterAll(() => devnet?.stop());

const stranger = privateKeyToAccount(devnetKey('stranger'));
interface Update {
  readonly newValue: Hex;
  readonly previousValue: Hex;
  readonly additionalData: Hex;
}

describe('whatever is published to RiskOracle', () => {
  it('getLatest is the last published; previous values form a chain; nothing outside its bounds is stored', async () => {
    const { chain, risk } = devnet.hub;
    const { abi } = riskArtifact('RiskOracle');
    await owned(chain, risk.owner, risk.oracle, abi, 'addAuthorizedSender', [risk.owner]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            line: fc.nat({ max: 1 }),
            value: fc.bigInt(0n, 120n),
            rebound: fc.option(fc.nat({ max: 100 })),
          }),
          { minLength: 1, maxLength: 12 },
        ),
        async (updates) => {
          run += 1;
          const lines = [0, 1].map((index) => {
            return { market: marketAddress(`oracle ${run} ${index}`), max: 100n, values: [] as bigint[] };
          });
          const call = (name: string, args: readonly unknown[]) =>
            owned(chain, risk.owner, risk.oracle, abi, name, args);
          for (const { market, max } of lines) await call('setBounds', [RATE, market, 0n, max]);
          for (const update of updates) {
            const line = lines[update.line]!;
            if (update.rebound !== null) {
              line.max = BigInt(update.rebound) + 1n;
              await call('setBounds', [RATE, line.market, 0n, line.max]);
            }
            const word = encodeAbiParameters([{ type: 'uint256' }], [update.value]);
            const outcome = await call('publishRiskParameterUpdate', [
              'p',
              word,
              RATE,
              line.market,
              '0x',
            ]).then(
              () => 'stored',
              () => 'refused',
            );
            expect(outcome).toBe(update.value <= line.max ? 'stored' : 'refused');
            if (outcome === 'stored') line.values.push(update.value);
          }
          for (const { market, values } of lines) {
            if (values.length === 0) continue;
            const args = [RATE, market];
            const latest = (await read(
              chain,
              risk.oracle,
              riskOracleAbi,
              'getLatestUpdateByParameterAndMarket',
              args,
            )) as Update;
            expect(decodeValue(latest.newValue)).toBe(values.at(-1));
            const previous = values.at(-2);
            expect(latest.previousValue === '0x' ? undefined : decodeValue(latest.previousValue)).toBe(
              previous,
            );
          }
        },
      ),
      { numRuns: 12, seed: 7 },
    );
  });
});

describe('in whatever order LayerZero executes', () => {
  let two: RiskDevnet;
  beforeAll(async () => {
    two = await startRiskDevnet(['hub', 'l2']);
  });
  afterAll(() => two?.stop());

  it('the sequence on the other chain only grows, and ends at the newest', async () => {
    const l2 = two.others[0]!;
    const workers = startLayerZeroWorkers({ chains: two.chains, pollMs: null });
    workers.switches.executor = 'committing-only';
    let sequence = 0n;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 4 }).chain((count) => {
          const order = Array.from({ length: count }, (_, index) => index);
          return fc.shuffledSubarray(order, { minLength: count, maxLength: count });
        }),
        async (order) => {
          const first = sequence + 1n;
          for (const _ of order) {
            sequence += 1n;
            await publish(two.hub, [{ value: WAD / 10n + sequence, sequence }]);
          }
          await workers.round();
          const packets = [...workers.undelivered()].sort((left, right) => Number(left.nonce - right.nonce));
          expect(packets).toHaveLength(order.length);
          let highest = first - 1n;
          for (const index of order) {
            await l2.chain.transact([executeTransaction(packets[index]!, l2.layerZero)]);
            const executed = first + BigInt(index);
            if (executed > highest) highest = executed;
            const last = await read(l2.chain, l2.risk.receiver!, riskReceiverAbi, 'lastSequenceOf', [
              BTC,
              RATE,
            ]);
            expect(last).toBe(highest);
          }
          const args = [RATE, BTC];
          const { oracle } = l2.risk;
          const name = 'getLatestUpdateByParameterAndMarket';
          const latest = (await read(l2.chain, oracle, riskOracleAbi, name, args)) as Update;
          expect(decodeValue(latest.newValue)).toBe(WAD / 10n + sequence);
          await workers.round();
        },
      ),
      { numRuns: 6, seed: 3 },
    );
  });
});

describe('whoever consumes attestations', () => {
  it('a nonce of a consumer is consumed once, by that consumer only', async () => {
    const { risk } = devnet.hub;
    const [alice, bob] = [privateKeyToAccount(devnetKey('alice')), stranger];
    const used = new Set<string>();
    const who = fc.constantFrom(alice, bob);
    await fc.assert(
      fc.asyncProperty(
        who,
        who,
        fc.bigInt(0n, 5n),
        fc.constantFrom(true, true, false),
        async (consumer, caller, nonce, genuine) => {
          const attestation: Attestation = {
            chainId: 31337n,
            verifier: risk.verifier,
            consumer: consumer.address,
            account: pad('0x01'),
            kind: 'price',
            data: '0x',
            asOf: 0n,
            validFrom: 0n,
            validUntil: 2n ** 40n,
            nonce,
          };
          const signature = await signAttestation(genuine ? attesterAccount() : bob, attestation);
          const key = `${consumer.address} ${nonce}`;
          const args = [attestation, signature];
          const error = await attempt(devnet.hub.chain, caller, {
            to: risk.verifier,
            abi: attestationVerifierAbi,
            functionName: 'consume',
            args,
          });
          expect(error === null).toBe(caller === consumer && genuine && !used.has(key));
          if (error === null) used.add(key);
          const consumed = [consumer.address, nonce];
          expect(
            await read(devnet.hub.chain, risk.verifier, attestationVerifierAbi, 'isConsumed', consumed),
          ).toBe(used.has(key));
        },
      ),
      { numRuns: 40, seed: 11 },
    );
    expect(used.size).toBeGreaterThan(3);
  });
});
