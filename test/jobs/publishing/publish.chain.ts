import type { Address } from 'viem';
import { describe, expect, it } from 'vitest';
import { riskReceiverAbi } from '../../../chains/contracts/abi.ts';
import { marketAddress } from '../../../chains/contracts/market-address.ts';
import { listPublications } from '../../../db/queries/publications.ts';
import { clientOf, read, WAD } from '../../chains/support/messaging.ts';
import { RATE, states } from './publishing-world.ts';
import { usePublishingWorld } from './use-publishing-world.ts';

const world = await usePublishingWorld(['hub', 'l2', 'l2b']);

const onEvery = (references: readonly string[]) => ({ hub: references, l2: references, l2b: references });

describe('a publication', () => {
  it('goes to the hub and by LayerZero to every chain, and is closed when no block of it can be replaced', async () => {
    const id = await world.ask('BTC-PERP', WAD / 8n);
    expect((await world.view(id)).state).toBe('pending');
    expect(await world.send()).toEqual({ sent: 1, waiting: 0, refused: 0 });
    expect(await world.view(id)).toMatchObject({ state: 'sending', sequence: 1n, publishedAt: null });
    await world.workers.round();
    await world.send();
    await world.track();
    const there = await world.view(id);
    expect([there.state, states(there)]).toEqual([
      'arrived',
      { hub: 'arrived', l2: 'arrived', l2b: 'arrived' },
    ]);
    expect(there.closedAt).toBeNull();
    expect(await world.valuesOn('BTC-PERP')).toEqual([WAD / 8n, WAD / 8n, WAD / 8n]);
    const receipt = await clientOf(world.devnet.hub.chain).getTransactionReceipt({
      hash: there.transactionHash as `0x${string}`,
    });
    expect([receipt.status, receipt.blockNumber]).toEqual(['success', there.blockNumber]);
    expect(there.feeWei! > 0n && there.feeWei! <= 10n ** 17n).toBe(true);
    for (let block = 0; block < 3; block++) await world.mineAll();
    await world.track();
    expect((await world.view(id)).closedAt).not.toBeNull();
    expect(await world.eventsOn('BTC-PERP')).toEqual(onEvery([id]));
  });

  it('is stored once per id, replaces one that was not sent, and is refused outside the approved bounds', async () => {
    const first = await world.ask('BTC-PERP', WAD / 9n);
    world.repeat();
    expect(await world.ask('BTC-PERP', WAD / 9n)).toBe(first);
    const second = await world.ask('BTC-PERP', WAD);
    expect(await world.view(first)).toMatchObject({ state: 'superseded', reason: `replaced by ${second}` });
    expect(await world.send()).toEqual({ sent: 0, waiting: 0, refused: 1 });
    const refused = await world.view(second);
    expect(refused.state).toBe('refused');
    expect(refused.reason).toContain('OutsideBounds');
    expect(await world.valuesOn('BTC-PERP')).toEqual([WAD / 8n, WAD / 8n, WAD / 8n]);
  });

  it('waits while its fee is above the bound, with the figures, and goes out when it is not', async () => {
    const id = await world.ask('BTC-PERP', WAD / 5n);
    expect(await world.send(world.make({ maxFeeWei: 1000n }))).toEqual({ sent: 0, waiting: 1, refused: 0 });
    const waiting = await world.view(id);
    expect([waiting.state, waiting.attempts]).toEqual(['pending', 1]);
    expect(waiting.reason).toMatch(
      /^fee-above-bound: the message fee of \d{4,} wei is above the bound of 1000 wei$/,
    );
    expect(await world.send(world.make({ maxGasPriceWei: 0n }))).toEqual({ sent: 0, waiting: 1, refused: 0 });
    expect((await world.view(id)).reason).toMatch(/^fee-above-bound: the gas price/);
    await world.send();
    await world.workers.round();
    await world.send();
    await world.track();
    expect(await world.view(id)).toMatchObject({ state: 'arrived', reason: null, sequence: 2n });
  });

  it('follows another of its line only when that one is in a block, and both get sequences of their own', async () => {
    const first = await world.ask('BTC-PERP', WAD / 6n);
    await world.send();
    const second = await world.ask('BTC-PERP', WAD / 7n);
    expect(await world.send()).toEqual({ sent: 0, waiting: 0, refused: 0 });
    await world.workers.round();
    expect(await world.send()).toEqual({ sent: 1, waiting: 0, refused: 0 });
    await world.workers.round();
    await world.send();
    await world.track();
    expect([(await world.view(first)).sequence, (await world.view(second)).sequence]).toEqual([3n, 4n]);
    expect(states(await world.view(first)).l2).toBe('overtaken');
    expect(states(await world.view(second)).l2).toBe('arrived');
  });
});

describe('publications of one proposal', () => {
  it('go in one transaction; where the hub refuses one of them, the others go alone', async () => {
    const proposal = '0xproposal';
    const good = await world.ask('ETH-PERP', WAD / 5n, { proposal });
    const bad = await world.ask('ETH-PERP', WAD, { proposal, updateType: 'maintenanceMarginRate' });
    expect(await world.send()).toEqual({ sent: 0, waiting: 2, refused: 0 });
    expect(await world.send()).toEqual({ sent: 1, waiting: 0, refused: 1 });
    await world.arrive();
    expect([(await world.view(good)).state, (await world.view(bad)).state]).toEqual(['arrived', 'refused']);
    expect(await world.valuesOn('ETH-PERP')).toEqual([WAD / 5n, WAD / 5n, WAD / 5n]);
  });

  it('are all taken back with the block that held them, and all arrive again', async () => {
    const proposal = '0xother';
    const ids = [
      await world.ask('ETH-PERP', WAD / 4n, { proposal }),
      await world.ask('ETH-PERP', WAD / 8n, { proposal, updateType: 'maintenanceMarginRate' }),
    ];
    const all = () => Promise.all(ids.map((id) => world.view(id)));
    world.workers.switches.dvns.fill('silent');
    await world.send();
    await world.devnet.hub.chain.transact();
    await world.send();
    expect((await all()).map(({ state }) => state)).toEqual(['published', 'published']);
    await world.devnet.hub.chain.rollBack(1);
    await world.send();
    expect((await all()).map(({ state }) => state)).toEqual(['sending', 'sending']);
    world.workers.switches.dvns.fill('verifying');
    await world.workers.round();
    await world.send();
    await world.track();
    expect((await all()).map(({ state }) => state)).toEqual(['arrived', 'arrived']);
    expect(new Set((await all()).map(({ transactionHash }) => transactionHash)).size).toBe(1);
  });
});

describe('a message that is stuck', () => {
  const impatient = () => world.make({ stuckAfterMs: 0 });

  it('with the DVNs is named, sent again within the bounds, and applied once when they are back', async () => {
    world.workers.switches.dvns[1] = 'silent';
    const id = await world.ask('BTC-PERP', WAD / 10n);
    await world.send();
    await world.workers.round();
    await world.send();
    await world.track(impatient());
    const stuck = await world.view(id);
    expect([stuck.state, states(stuck)]).toEqual([
      'published',
      { hub: 'arrived', l2: 'stuck', l2b: 'stuck' },
    ]);
    expect(stuck.arrivals[1]!.reason).toBe('not verified by the DVNs yet; sent again');
    await world.workers.round();
    await world.send();
    await world.track();
    expect(states(await world.view(id)).l2).toBe('stuck');
    world.workers.switches.dvns[1] = 'verifying';
    await world.workers.round();
    await world.workers.round();
    await world.track();
    expect((await world.view(id)).state).toBe('arrived');
    for (const references of Object.values(await world.eventsOn('BTC-PERP'))) {
      expect(references.filter((reference) => reference === id)).toHaveLength(1);
    }
  });

  it('at a silent executor is executed by the gateway itself', async () => {
    world.workers.switches.executor = 'committing-only';
    const id = await world.ask('BTC-PERP', WAD / 11n);
    await world.send();
    await world.workers.round();
    await world.send();
    await world.track(impatient());
    expect((await world.view(id)).arrivals[1]!.reason).toBe('verified, but not executed; executed again');
    await world.mineAll();
    await world.track();
    expect((await world.view(id)).state).toBe('arrived');
    expect(await world.valuesOn('BTC-PERP')).toEqual([WAD / 11n, WAD / 11n, WAD / 11n]);
  });
});

it('pages through the publications of one protocol, newest first', async () => {
  const all = await listPublications(world.database.orm, 'local', { before: null, limit: 100 });
  const [first, second] = all;
  const before = { createdAtMs: first!.createdAt, id: first!.id };
  const page = await listPublications(world.database.orm, 'local', { before, limit: 1 });
  expect(page.map(({ id }) => id)).toEqual([second!.id]);
  expect(await listPublications(world.database.orm, 'other', { before: null, limit: 100 })).toEqual([]);
  const { receiver } = world.devnet.others[0]!.risk;
  const args = [marketAddress('BTC-PERP'), RATE];
  const received = await read(
    world.devnet.others[0]!.chain,
    receiver as Address,
    riskReceiverAbi,
    'lastSequenceOf',
    args,
  );
  expect(received).toBe(6n);
});
