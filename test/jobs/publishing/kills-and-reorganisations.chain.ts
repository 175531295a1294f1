import { describe, expect, it } from 'vitest';
import { chainTransactions, publicationArrivals, publications } from '../../../db/schema/publications.ts';
import { WAD } from '../../chains/support/messaging.ts';
import { runEntry } from '../../helpers/program.ts';
import { startKillingRelay } from './killing-relay.ts';
import { states } from './publishing-world.ts';
import { usePublishingWorld } from './use-publishing-world.ts';

const world = await usePublishingWorld(['hub', 'l2']);

const onEvery = (references: readonly string[]) => ({ hub: references, l2: references });

describe('a publisher that is killed with -9', () => {
  it.each(['before', 'after'] as const)(
    '%s the node has its transaction loses nothing and sends nothing twice',
    async (when) => {
      const market = when === 'before' ? 'SOL-PERP' : 'ETH-PERP';
      const id = await world.ask(market, WAD / 4n);
      let kill = () => {};
      const [target] = world.devnet.hub.chain.definition.rpcUrls;
      const relay = await startKillingRelay(target!, when, () => kill());
      const chains = world.devnet.chains.map(({ definition }) =>
        definition.id === 'hub' ? { ...definition, rpcUrls: [relay.url] } : definition,
      );
      const environment = { PUBLISH: JSON.stringify({ url: world.database.url, chains }) };
      const program = runEntry('test/jobs/publishing/publish-once.ts', [], environment);
      kill = () => void process.kill(program.child.pid!, 'SIGKILL');
      await program.exited;
      await relay.stop();
      expect(program.output()).not.toContain('published');
      expect((await world.view(id)).state).toBe('sending');
      await world.workers.round();
      expect(await world.eventsOn(market)).toEqual(when === 'before' ? onEvery([]) : onEvery([id]));
      for (let round = 0; round < 3; round++) {
        await world.send();
        await world.workers.round();
        await world.track();
      }
      expect((await world.view(id)).state).toBe('arrived');
      expect(await world.eventsOn(market)).toEqual(onEvery([id]));
    },
  );

  it('and whose database came back from before the publication finds it on chain', async () => {
    const id = await world.ask('SOL-PERP', WAD / 3n);
    await world.send();
    await world.workers.round();
    await world.database.orm.delete(chainTransactions);
    await world.database.orm.delete(publicationArrivals);
    await world.database.orm.delete(publications);
    world.repeat();
    expect(await world.ask('SOL-PERP', WAD / 3n)).toBe(id);
    await world.send();
    await world.track();
    const found = await world.view(id);
    expect([found.state, states(found)]).toEqual(['arrived', { hub: 'arrived', l2: 'arrived' }]);
    expect((await world.eventsOn('SOL-PERP')).hub!.filter((reference) => reference === id)).toHaveLength(1);
  });
});

describe('a reorganisation of the hub', () => {
  it('that takes the block with the message is noticed, and the same transaction goes out again', async () => {
    world.workers.switches.dvns.fill('silent');
    const id = await world.ask('ETH-PERP', WAD / 3n);
    await world.send();
    await world.devnet.hub.chain.transact();
    await world.send();
    await world.track();
    const before = await world.view(id);
    expect([before.state, states(before)]).toEqual(['published', { hub: 'arrived', l2: 'waiting' }]);
    await world.devnet.hub.chain.rollBack(1);
    await world.send();
    const gone = await world.view(id);
    expect([gone.state, gone.blockNumber, states(gone).hub]).toEqual(['sending', null, 'waiting']);
    expect(gone.reason).toBe('the block that held it was replaced; it is sent again');
    world.workers.switches.dvns.fill('verifying');
    await world.workers.round();
    await world.send();
    await world.track();
    const after = await world.view(id);
    expect([after.state, after.sequence]).toEqual(['arrived', before.sequence]);
    expect(after.transactionHash).toBe(before.transactionHash);
    const events = await world.eventsOn('ETH-PERP');
    for (const references of Object.values(events)) {
      expect(references.filter((reference) => reference === id)).toHaveLength(1);
    }
    expect(await world.valuesOn('ETH-PERP')).toEqual([WAD / 3n, WAD / 3n]);
  });
});
