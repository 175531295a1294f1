import { type Hex, numberToHex } from 'viem';
import { describe, expect, it } from 'vitest';
import { gatewayAccount } from '../../../chains/devnet/keys.ts';
import { watchedTransactions } from '../../../db/queries/chain-transactions.ts';
import { clientOf, WAD } from '../../chains/support/messaging.ts';
import { usePublishingWorld } from './use-publishing-world.ts';

const GWEI = 10n ** 9n;
const world = await usePublishingWorld(['hub', 'l2']);

const client = () => clientOf(world.devnet.hub.chain);
const sender = gatewayAccount().address;
const versions = async () => {
  const watched = await watchedTransactions(world.database.orm, {
    chain: 'hub',
    sender: sender.toLowerCase(),
  });
  return watched.at(-1)!.versions;
};
/** The next block of the hub asks for this base fee; nodes mine nothing by themselves here. */
async function mineAt(baseFee: bigint): Promise<void> {
  await client().request({
    method: 'anvil_setNextBlockBaseFeePerGas',
    params: [numberToHex(baseFee)],
  } as never);
  await world.devnet.hub.chain.transact();
}
const minedAs = (hash: Hex) =>
  client()
    .getTransactionReceipt({ hash })
    .then(({ blockNumber }) => blockNumber)
    .catch(() => null);

describe('a transaction that no block takes because fees rose', () => {
  it('is signed again at the same nonce with a higher fee, up to the bound, and mined once', async () => {
    const nonce = await client().getTransactionCount({ address: sender });
    const id = await world.ask('BTC-PERP', WAD / 8n);
    await world.send();
    const [first] = await versions();
    await mineAt(30n * GWEI);
    expect(await minedAs(first!.hash)).toBeNull();
    expect((await world.view(id)).state).toBe('sending');

    // Before its time nothing is replaced; above the bound nothing is signed.
    await world.send();
    await world.send(world.make({ replaceAfterMs: 0, maxGasPriceWei: 5n * GWEI }));
    expect((await versions()).map(({ hash }) => hash)).toEqual([first!.hash]);

    // A process of its own, as after a restart.
    await world.send(world.make({ replaceAfterMs: 0 }));
    const [, second, ...more] = await versions();
    expect(more).toEqual([]);
    expect(second!.maxFeePerGas).toBeGreaterThanOrEqual(30n * GWEI);
    expect(second!.maxFeePerGas * 8n).toBeGreaterThan(first!.maxFeePerGas * 9n);
    await mineAt(30n * GWEI);
    await world.send();
    await world.workers.round();
    await world.send();
    await world.track();
    expect(await world.view(id)).toMatchObject({ state: 'arrived', transactionHash: second!.hash });
    expect([await minedAs(first!.hash), await minedAs(second!.hash)]).toEqual([null, expect.any(BigInt)]);
    expect((await client().getTransaction({ hash: second!.hash })).nonce).toBe(nonce);
    expect(await client().getTransactionCount({ address: sender })).toBe(nonce + 1);
    expect(await world.eventsOn('BTC-PERP')).toEqual({ hub: [id], l2: [id] });
  });

  it('is found when a block takes the old version after the new one was signed', async () => {
    const id = await world.ask('BTC-PERP', WAD / 7n);
    await world.send();
    const [first] = await versions();
    // The replacement is signed and kept, but the node has dropped it: what is mined is the first.
    const impatient = world.make({ replaceAfterMs: 0 });
    await impatient.sender('hub').settle(async () => {});
    const [, second] = await versions();
    expect(second!.hash).not.toBe(first!.hash);
    await client().request({ method: 'anvil_dropTransaction', params: [second!.hash] } as never);
    await client().sendRawTransaction({ serializedTransaction: first!.raw });
    await mineAt(GWEI);
    expect(await minedAs(first!.hash)).not.toBeNull();
    await world.send();
    expect(await world.view(id)).toMatchObject({ state: 'published', transactionHash: first!.hash });
    await world.send(impatient);
    const events = await world.eventsOn('BTC-PERP');
    expect(events.hub!.filter((reference) => reference === id)).toHaveLength(1);
  });
});
