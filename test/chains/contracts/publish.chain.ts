import { zeroAddress } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { riskHubAbi, riskOracleAbi, riskReceiverAbi } from '../../../chains/contracts/abi.ts';
import { riskArtifact } from '../../../chains/contracts/artifact.ts';
import { decodePublicationData, decodeValue } from '../../../chains/contracts/update-data.ts';
import { gatewayAccount, guardianAccount } from '../../../chains/devnet/keys.ts';
import { endpointAbi } from '../../../chains/layerzero/abi.ts';
import { deliveryCalls, deliveryState } from '../../../chains/layerzero/delivery.ts';
import { type LayerZeroWorkers, startLayerZeroWorkers } from '../../../chains/layerzero/workers.ts';
import { START } from '../support/local-chains.ts';
import {
  BTC,
  broadcast,
  clientOf,
  draft,
  owned,
  publish,
  RATE,
  type RiskChain,
  type RiskDevnet,
  read,
  refusal,
  sendAs,
  startRiskDevnet,
  WAD,
} from '../support/messaging.ts';

let devnet: RiskDevnet;
let workers: LayerZeroWorkers;
beforeAll(async () => {
  devnet = await startRiskDevnet(['hub', 'l2', 'l2b']);
  workers = startLayerZeroWorkers({ chains: devnet.chains, pollMs: null });
});
afterAll(async () => {
  await workers?.stop();
  await devnet?.stop();
});

interface Update {
  readonly timestamp: bigint;
  readonly newValue: `0x${string}`;
  readonly previousValue: `0x${string}`;
  readonly referenceId: string;
  readonly updateType: string;
  readonly updateId: bigint;
  readonly market: string;
  readonly additionalData: `0x${string}`;
}
const latest = ({ chain, risk }: RiskChain, type = RATE) =>
  read(chain, risk.oracle, riskOracleAbi, 'getLatestUpdateByParameterAndMarket', [
    type,
    BTC,
  ]) as Promise<Update>;
const sequenceOn = ({ chain, risk }: RiskChain) =>
  read(chain, risk.receiver!, riskReceiverAbi, 'lastSequenceOf', [BTC, RATE]);
const hubCall = (
  functionName: string,
  args: readonly unknown[],
  value = 0n,
  from = gatewayAccount().address,
) => ({
  from,
  to: devnet.hub.risk.hub!,
  abi: riskHubAbi,
  functionName,
  args,
  value,
});

describe('a publication on the hub', () => {
  it('is read from the oracle of every chain, with the same sequence and time of publication', async () => {
    expect(await refusal(devnet.hub.chain, oracleRead(devnet.hub))).toEqual(['NoUpdate', [BTC, RATE]]);
    const receipt = await publish(devnet.hub, [
      { value: WAD / 8n, sequence: 1n, referenceId: 'forecast-1' },
      { value: WAD / 16n, sequence: 1n, updateType: 'maintenanceMarginRate' },
    ]);
    expect(receipt.status).toBe('success');
    await workers.round();
    for (const chain of devnet.all) {
      const update = await latest(chain);
      expect([decodeValue(update.newValue), update.referenceId, update.updateType]).toEqual([
        WAD / 8n,
        'forecast-1',
        RATE,
      ]);
      expect(update.previousValue).toBe('0x');
      expect(decodePublicationData(update.additionalData)).toEqual({
        sequence: 1n,
        publishedAt: BigInt(START),
        extra: '0x',
      });
      expect(decodeValue((await latest(chain, 'maintenanceMarginRate')).newValue)).toBe(WAD / 16n);
    }
    expect(await Promise.all(devnet.others.map(sequenceOn))).toEqual([1n, 1n]);
    expect(workers.undelivered()).toEqual([]);
  });

  it('keeps what was before: by id, and as the previous value', async () => {
    await publish(devnet.hub, [{ value: WAD / 7n, sequence: 2n }]);
    await workers.round();
    for (const { chain, risk } of devnet.all) {
      const update = (await read(chain, risk.oracle, riskOracleAbi, 'getUpdateById', [3n])) as Update;
      expect([decodeValue(update.newValue), decodeValue(update.previousValue), update.market]).toEqual([
        WAD / 7n,
        WAD / 8n,
        BTC,
      ]);
      const first = (await read(chain, risk.oracle, riskOracleAbi, 'getUpdateById', [1n])) as Update;
      expect(decodeValue(first.newValue)).toBe(WAD / 8n);
      expect(await read(chain, risk.oracle, riskOracleAbi, 'updateCounter')).toBe(3n);
      const call = { to: risk.oracle, abi: riskArtifact('RiskOracle').abi, functionName: 'getUpdateById' };
      expect((await refusal(chain, { ...call, args: [4n] }))[0]).toBe('InvalidUpdateId');
    }
  });

  it('can be tracked to each chain from two reads at its endpoint', async () => {
    await publish(devnet.hub, [{ value: WAD / 6n, sequence: 3n }]);
    workers.switches.executor = 'silent';
    await workers.round();
    const packets = workers.undelivered();
    expect(packets.map(({ dstEid }) => dstEid).sort()).toEqual(
      devnet.others.map(({ layerZero }) => layerZero.eid),
    );
    const states = () =>
      Promise.all(
        packets.map(async (packet) => {
          const { chain, layerZero } = devnet.others.find(
            ({ layerZero }) => layerZero.eid === packet.dstEid,
          )!;
          const outcomes = await Promise.all(
            deliveryCalls(layerZero.endpoint, packet).map(
              async ({ address, abi, functionName, args = [] }) => ({
                ok: true as const,
                value: await read(chain, address, abi, functionName as never, args),
              }),
            ),
          );
          return deliveryState(packet.nonce, outcomes);
        }),
      );
    expect(await states()).toEqual(['sent', 'sent']);
    workers.switches.executor = 'committing-only';
    await workers.round();
    expect(await states()).toEqual(['verified', 'verified']);
    workers.switches.executor = 'executing';
    await workers.round();
    expect(await states()).toEqual(['delivered', 'delivered']);
  });

  it('is refused whole when one of its drafts is wrong, and says what is', async () => {
    const wrong = (...drafts: Parameters<typeof draft>) => hubCall('publish', [drafts.map(draft)]);
    const { chain } = devnet.hub;
    expect(await refusal(chain, wrong({ value: WAD / 8n, sequence: 3n }))).toEqual([
      'WrongSequence',
      [3n, 4n],
    ]);
    expect(await refusal(chain, wrong({ value: WAD / 8n, sequence: 5n }))).toEqual([
      'WrongSequence',
      [5n, 4n],
    ]);
    const [minimum, maximum] = [(WAD * 2n) / 100n, WAD / 2n];
    expect(await refusal(chain, wrong({ value: maximum + 1n, sequence: 4n }))).toEqual([
      'OutsideBounds',
      [maximum + 1n, minimum, maximum],
    ]);
    expect(await refusal(chain, wrong({ value: minimum - 1n, sequence: 4n }))).toEqual([
      'OutsideBounds',
      [minimum - 1n, minimum, maximum],
    ]);
    const elsewhere = { market: zeroAddress, value: 1n, sequence: 1n } as const;
    expect(await refusal(chain, wrong(elsewhere))).toEqual(['NoBounds', [zeroAddress, RATE]]);
    expect(await refusal(chain, hubCall('publish', [[]]))).toEqual(['NothingToPublish', []]);
    const stranger = guardianAccount().address;
    expect(
      await refusal(chain, hubCall('publish', [[draft({ value: 1n, sequence: 4n })]], 0n, stranger)),
    ).toEqual(['NotGateway', [stranger]]);
  });

  it('is refused when the fee is too low, and gives back what is too much', async () => {
    const drafts = [draft({ value: WAD / 5n, sequence: 4n })];
    const [fee, parts] = (await read(devnet.hub.chain, devnet.hub.risk.hub!, riskHubAbi, 'quote', [
      drafts,
    ])) as [bigint, readonly bigint[]];
    expect(parts).toHaveLength(2);
    expect(parts[0]! + parts[1]!).toBe(fee);
    const [error, args] = await refusal(devnet.hub.chain, {
      ...hubCall('publish', [drafts], fee - 1n),
      abi: [...riskHubAbi, ...endpointAbi],
    });
    expect([error, args[0], args[1]]).toEqual(['LZ_InsufficientFee', parts[1], parts[1]! - 1n]);
    const client = clientOf(devnet.hub.chain);
    const { address } = gatewayAccount();
    const before = await client.getBalance({ address });
    const receipt = await sendAs(devnet.hub.chain, gatewayAccount(), {
      ...hubCall('publish', [drafts], 5n * fee),
    });
    expect(receipt.status).toBe('success');
    expect(before - (await client.getBalance({ address }))).toBe(fee);
    expect(await client.getBalance({ address: devnet.hub.risk.hub! })).toBe(0n);
    await workers.round();
    expect(await Promise.all(devnet.others.map(sequenceOn))).toEqual([4n, 4n]);
  });

  it('sent twice by a publisher that forgot the first goes out once', async () => {
    const { chain, risk } = devnet.hub;
    const call = hubCall('publish', [[draft({ value: WAD / 9n, sequence: 5n })]], WAD / 100n);
    const first = await broadcast(chain, gatewayAccount(), call);
    await chain.transact();
    // Killed here, it knows nothing of the first and sends the same content again.
    const second = await broadcast(chain, gatewayAccount(), call);
    await chain.transact();
    const client = clientOf(chain);
    const statuses = await Promise.all(
      [first, second].map(async (hash) => (await client.getTransactionReceipt({ hash })).status),
    );
    expect(statuses).toEqual(['success', 'reverted']);
    expect(await read(chain, risk.hub!, riskHubAbi, 'lineOf', [BTC, RATE])).toMatchObject({ sequence: 5n });
    await workers.round();
    expect(await Promise.all(devnet.others.map(sequenceOn))).toEqual([5n, 5n]);
  });

  it('stops at once when the guardian takes the key away, and goes on with the next key', async () => {
    const { chain, risk } = devnet.hub;
    const stop = { to: risk.hub!, abi: riskHubAbi, functionName: 'stopGateway' };
    expect(await refusal(chain, { ...stop, from: gatewayAccount().address })).toEqual([
      'NotGuardian',
      [gatewayAccount().address],
    ]);
    expect((await sendAs(chain, guardianAccount(), stop)).status).toBe('success');
    const drafts = [draft({ value: WAD / 9n, sequence: 6n })];
    expect((await refusal(chain, hubCall('publish', [drafts])))[0]).toBe('NotGateway');
    await owned(chain, risk.owner, risk.hub!, riskHubAbi, 'setGateway', [gatewayAccount().address]);
    expect((await publish(devnet.hub, [{ value: WAD / 9n, sequence: 6n }])).status).toBe('success');
  });
});

function oracleRead({ risk }: RiskChain) {
  const args = [RATE, BTC];
  return { to: risk.oracle, abi: riskOracleAbi, functionName: 'getLatestUpdateByParameterAndMarket', args };
}
