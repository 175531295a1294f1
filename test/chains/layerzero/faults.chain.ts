import { type Hex, pad, parseEventLogs } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { riskHubAbi, riskOracleAbi, riskReceiverAbi } from '../../../chains/contracts/abi.ts';
import { riskArtifact } from '../../../chains/contracts/artifact.ts';
import { decodeValue } from '../../../chains/contracts/update-data.ts';
import { devnetKey, dvnSignerAccounts, gatewayAccount } from '../../../chains/devnet/keys.ts';
import { dvnAbi, endpointAbi, receiveLibraryAbi } from '../../../chains/layerzero/abi.ts';
import { type LayerZeroPacket, originOf } from '../../../chains/layerzero/packet.ts';
import {
  commitTransaction,
  executeTransaction,
  retryTransaction,
  verifyTransaction,
} from '../../../chains/layerzero/worker-transactions.ts';
import { type LayerZeroWorkers, startLayerZeroWorkers } from '../../../chains/layerzero/workers.ts';
import { START } from '../support/local-chains.ts';
import {
  BTC,
  clientOf,
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
let l2: RiskChain;
let workers: LayerZeroWorkers;
let sequence = 0n;
beforeAll(async () => {
  devnet = await startRiskDevnet(['hub', 'l2']);
  l2 = devnet.others[0]!;
});
beforeEach(() => {
  workers = startLayerZeroWorkers({ chains: devnet.chains, pollMs: null });
});
afterAll(() => devnet?.stop());

const stranger = privateKeyToAccount(devnetKey('stranger'));
const value = (index: bigint) => WAD / 10n + index;

async function publishNext(): Promise<{ value: bigint; sequence: bigint }> {
  sequence += 1n;
  const receipt = await publish(devnet.hub, [{ value: value(sequence), sequence }]);
  expect(receipt.status).toBe('success');
  return { value: value(sequence), sequence };
}

const arrived = async () => ({
  value: decodeValue(
    (
      (await read(l2.chain, l2.risk.oracle, riskOracleAbi, 'getLatestUpdateByParameterAndMarket', [
        RATE,
        BTC,
      ])) as { newValue: Hex }
    ).newValue,
  ),
  sequence: (await read(l2.chain, l2.risk.receiver!, riskReceiverAbi, 'lastSequenceOf', [
    BTC,
    RATE,
  ])) as bigint,
});

const onePacket = () => {
  expect(workers.undelivered()).toHaveLength(1);
  return workers.undelivered()[0]!;
};
const executor = () => l2.layerZero.executorAdmin;
const commitRefusal = ({ header, payloadHash }: LayerZeroPacket) =>
  refusal(l2.chain, {
    from: executor(),
    to: l2.layerZero.receiveLibrary,
    abi: [...receiveLibraryAbi, ...endpointAbi],
    functionName: 'commitVerification',
    args: [header, payloadHash],
  });

/** Events of the head block of the second chain. */
async function eventNames(abi: readonly unknown[]): Promise<readonly string[]> {
  const client = clientOf(l2.chain);
  const logs = await client.getLogs({ fromBlock: 'latest', toBlock: 'latest' });
  return parseEventLogs({ abi: abi as typeof endpointAbi, logs }).map(({ eventName }) => eventName);
}

describe('verification', () => {
  it('waits for the second DVN: one alone does not commit a message', async () => {
    const published = await publishNext();
    workers.switches.dvns[1] = 'silent';
    await workers.round();
    await workers.round();
    expect(await commitRefusal(onePacket())).toEqual(['LZ_ULN_Verifying', []]);
    expect((await arrived().catch(() => null))?.sequence ?? 0n).toBe(published.sequence - 1n);
    workers.switches.dvns[1] = 'verifying';
    await workers.round();
    expect(await arrived()).toEqual(published);
  });

  it('does not count a DVN whose signature is bad, and says so on chain', async () => {
    const published = await publishNext();
    workers.switches.dvns[0] = 'bad-signature';
    await workers.round();
    expect(await eventNames(dvnAbi)).toContain('VerifySignaturesFailed');
    expect(await commitRefusal(onePacket())).toEqual(['LZ_ULN_Verifying', []]);
    workers.switches.dvns[0] = 'verifying';
    await workers.round();
    expect(await arrived()).toEqual(published);
  });

  it.each([
    ['fewer signers than the quorum', 1],
    ['more signatures than the quorum', 3],
  ])('does not count a DVN with %s', async (_, signatures) => {
    const published = await publishNext();
    workers.switches.dvns.fill('silent');
    await workers.round();
    const packet = onePacket();
    const dvn = { ...l2.layerZero.dvns[0]!, quorum: signatures };
    const now = BigInt(START);
    const short = await verifyTransaction(packet, l2.layerZero, dvn, dvnSignerAccounts(0), now);
    await l2.chain.transact([short]);
    expect(await eventNames(dvnAbi)).toEqual(['VerifySignaturesFailed']);
    workers.switches.dvns.fill('verifying');
    await workers.round();
    expect(await arrived()).toEqual(published);
  });

  it('of another payload is no verification of this one', async () => {
    const published = await publishNext();
    workers.switches.executor = 'silent';
    await workers.round();
    const packet = onePacket();
    const forged = { ...packet, payloadHash: pad('0x1234') };
    expect(await commitRefusal(forged)).toEqual(['LZ_ULN_Verifying', []]);
    workers.switches.executor = 'executing';
    await workers.round();
    expect(await arrived()).toEqual(published);
  });
});

describe('execution', () => {
  it('of a receiver that reverts leaves an alert; anybody executes it once the cause is gone', async () => {
    const before = await arrived();
    const published = await publishNext();
    const { receiver, oracle, owner } = l2.risk;
    const { abi } = riskArtifact('RiskOracle');
    await owned(l2.chain, owner, oracle, abi, 'removeAuthorizedSender', [receiver]);
    await workers.round();
    expect(await eventNames(endpointAbi)).toContain('LzReceiveAlert');
    const packet = onePacket();
    await workers.round();
    expect(await arrived()).toEqual(before);
    const retry = {
      to: l2.layerZero.endpoint,
      abi: [...endpointAbi, ...riskOracleAbi],
      functionName: 'lzReceive',
      args: [originOf(packet), packet.receiver, packet.guid, packet.message, '0x'],
    };
    expect(await refusal(l2.chain, { ...retry, from: stranger.address })).toEqual([
      'NotAuthorized',
      [receiver],
    ]);
    await owned(l2.chain, owner, oracle, abi, 'addAuthorizedSender', [receiver]);
    expect((await sendAs(l2.chain, stranger, retry)).status).toBe('success');
    expect(await arrived()).toEqual(published);
    await workers.round();
    expect(workers.undelivered()).toEqual([]);
  });

  it('with too little gas leaves an alert and changes nothing; with more it succeeds', async () => {
    const { hub, owner } = devnet.hub.risk;
    const { abi } = riskArtifact('RiskHub');
    await owned(devnet.hub.chain, owner, hub!, abi, 'setReceiveGas', [60_000n, 0n]);
    const before = await arrived();
    const published = await publishNext();
    await owned(devnet.hub.chain, owner, hub!, abi, 'setReceiveGas', [60_000n, 300_000n]);
    await workers.round();
    expect(await arrived()).toEqual(before);
    const packet = onePacket();
    expect(packet.gasLimit).toBe(60_000n);
    await l2.chain.transact([retryTransaction(packet, l2.layerZero.endpoint, executor())]);
    expect(await arrived()).toEqual(published);
  });

  it('happens once: a replay is refused', async () => {
    const published = await publishNext();
    workers.switches.executor = 'committing-only';
    await workers.round();
    const packet = onePacket();
    const execute = () => l2.chain.transact([retryTransaction(packet, l2.layerZero.endpoint, executor())]);
    await execute();
    const after = await read(l2.chain, l2.risk.oracle, riskOracleAbi, 'updateCounter');
    await expect(execute()).rejects.toThrow('LZ_PayloadHashNotFound');
    const commit = commitTransaction(packet, l2.layerZero, executor());
    await expect(l2.chain.transact([commit])).rejects.toThrow('LZ_ULN_Verifying');
    expect(await read(l2.chain, l2.risk.oracle, riskOracleAbi, 'updateCounter')).toBe(after);
    expect(await arrived()).toEqual(published);
  });

  it('of an older message after a newer one changes nothing', async () => {
    await publishNext();
    const newer = await publishNext();
    workers.switches.executor = 'committing-only';
    await workers.round();
    const [first, second] = [...workers.undelivered()].sort((left, right) =>
      Number(left.nonce - right.nonce),
    );
    await l2.chain.transact([executeTransaction(second!, l2.layerZero)]);
    expect(await arrived()).toEqual(newer);
    await l2.chain.transact([executeTransaction(first!, l2.layerZero)]);
    expect(await eventNames(riskReceiverAbi)).toEqual(['IgnoredOlder']);
    expect(await arrived()).toEqual(newer);
    await workers.round();
    expect(workers.undelivered()).toEqual([]);
  });

  it('is the endpoint’s alone, and only of what the hub sent', async () => {
    const { receiver } = l2.risk;
    const { abi } = riskArtifact('RiskReceiver');
    const hub = pad(devnet.hub.risk.hub!);
    const origin = { srcEid: devnet.hub.layerZero.eid, sender: hub, nonce: 1n };
    const call = (args: readonly unknown[], from = stranger.address) =>
      refusal(l2.chain, { from, to: receiver!, abi, functionName: 'lzReceive', args });
    const rest = [pad('0x01'), '0x', stranger.address, '0x'];
    expect(await call([origin, ...rest])).toEqual(['NotEndpoint', [stranger.address]]);
    const other = { ...origin, sender: pad(stranger.address) };
    expect(await call([other, ...rest], l2.layerZero.endpoint)).toEqual([
      'NotPeer',
      [origin.srcEid, pad(stranger.address).toLowerCase()],
    ]);
    const allowed = (from: unknown) => read(l2.chain, receiver!, abi, 'allowInitializePath', [from]);
    expect([await allowed(origin), await allowed(other), await allowed({ ...origin, srcEid: 1 })]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('the workers', () => {
  it('started anew from a block before the message go on where the others were', async () => {
    const fromBlock = await clientOf(devnet.hub.chain).getBlockNumber();
    const published = await publishNext();
    workers.switches.executor = 'silent';
    await workers.round();
    await workers.stop();
    const restarted = startLayerZeroWorkers({
      chains: devnet.chains,
      pollMs: null,
      fromBlocks: { hub: fromBlock },
    });
    await restarted.round();
    expect(await arrived()).toEqual(published);
    const blocks = await clientOf(l2.chain).getBlockNumber();
    const third = startLayerZeroWorkers({ chains: devnet.chains, pollMs: null });
    await third.round();
    await third.round();
    expect(await clientOf(l2.chain).getBlockNumber()).toBe(blocks);
  });

  it('deliver what was under way when the nodes of both chains were killed', async () => {
    const published = await publishNext();
    workers.switches.executor = 'silent';
    await workers.round();
    for (const { chain } of devnet.all) {
      await chain.kill();
      await workers.round();
      await chain.restart();
    }
    workers.switches.executor = 'executing';
    await workers.round();
    expect(await arrived()).toEqual(published);
  });

  it('deliver again what a reorganisation of the destination has undone', async () => {
    const before = await arrived();
    const published = await publishNext();
    await workers.round();
    expect(await arrived()).toEqual(published);
    await l2.chain.rollBack(2);
    expect(await arrived()).toEqual(before);
    await workers.round();
    expect(await arrived()).toEqual(published);
  });

  it('deliver what the hub sends again to one chain, which ignores what it has', async () => {
    const { chain, risk } = devnet.hub;
    const args = [BTC, RATE, l2.layerZero.eid];
    const fee = (await read(chain, risk.hub!, riskHubAbi, 'quoteResend', args)) as bigint;
    const before = await arrived();
    await sendAs(chain, gatewayAccount(), {
      to: risk.hub!,
      abi: riskHubAbi,
      functionName: 'resend',
      args,
      value: fee,
    });
    await workers.round();
    expect(await eventNames(riskReceiverAbi)).toEqual(['IgnoredOlder']);
    expect(await arrived()).toEqual(before);
  });
});

describe('a reorganisation of the hub', () => {
  it('before the confirmations takes the message with it; sent again it arrives once', async () => {
    const deep = await startRiskDevnet(['hub', 'l2'], { confirmations: 3 });
    try {
      const [other] = deep.others;
      const careful = startLayerZeroWorkers({ chains: deep.chains, pollMs: null });
      const counter = () => read(other!.chain, other!.risk.oracle, riskOracleAbi, 'updateCounter');
      const lost = await publish(deep.hub, [{ value: value(1n), sequence: 1n }]);
      await deep.hub.chain.transact();
      await careful.round();
      expect(careful.undelivered()).toEqual([]);
      await deep.hub.chain.rollBack(2);
      await expect(
        clientOf(deep.hub.chain).getTransactionReceipt({ hash: lost.transactionHash }),
      ).rejects.toThrow('could not be found');
      await publish(deep.hub, [{ value: value(2n), sequence: 1n }]);
      await deep.hub.chain.transact();
      await deep.hub.chain.transact();
      await careful.round();
      expect(await counter()).toBe(1n);
      const line = await read(other!.chain, other!.risk.oracle, riskOracleAbi, 'getUpdateById', [1n]);
      expect(decodeValue((line as { newValue: Hex }).newValue)).toBe(value(2n));
      await careful.round();
      expect([await counter(), careful.undelivered()]).toEqual([1n, []]);
    } finally {
      await deep.stop();
    }
  });
});
