import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvidenceDto } from '../../../gateway/schemas/evidence.ts';
import type { MarginDto } from '../../../gateway/schemas/margin.ts';
import { startTestDemo, type TestDemo } from '../../helpers/demo.ts';
import { until } from '../../helpers/until.ts';

const BOOK = {
  sequence: 1,
  cash: '5000',
  positions: [
    { id: 'short', kind: 'perp', market: 'BTC-PERP', size: '-0.25', entryPrice: '60000', chain: 'l2' },
  ],
};

/** Sources go one after another until nothing is left, and come back; in this order, on one running service. */
describe('a service whose sources die', () => {
  let demo: TestDemo;
  const evidence = async (): Promise<EvidenceDto> => (await demo.ask('/v1/prices/BTC-USD/evidence')).body;
  const margin = async (): Promise<MarginDto> => (await demo.ask('/v1/accounts/bob/margin')).body;
  const included = ({ votes }: EvidenceDto) =>
    votes
      .filter((vote) => vote.included)
      .map(({ kind, chain }) => (chain === null ? kind : `${kind}@${chain}`));
  const refusals = ({ votes }: EvidenceDto, source: string) =>
    votes.find((vote) => vote.source === source)!.reasons.map(({ code }) => code);
  const allIn = () => until('all seven votes', async () => included(await evidence()).length === 7, 60_000);

  beforeAll(async () => {
    demo = await startTestDemo(['--speed', '240']);
    await allIn();
    expect((await demo.put('/v1/accounts/bob/positions', BOOK)).status).toBe(200);
    await until('a current margin', async () => (await margin()).stale === false);
  });
  afterAll(async () => {
    expect((await demo?.close()) ?? []).toEqual([]);
  });

  it('leaves a dead Hermes out as soon as its last price is too old, says so, and takes it back', async () => {
    demo.hermes.fault('refuse');
    await until('a good price without Hermes, and why', async () => {
      const found = await evidence();
      const told = refusals(found, 'pyth-hermes').includes('stale-source');
      return told && !included(found).includes('pyth-hermes') && found.price.verdicts.margin.usable;
    });
    await until('a current margin', async () => (await margin()).stale === false);
    demo.hermes.fault('none');
    await allIn();
  });

  it('goes on without a chain whose node was killed, names it, and reads it again when it is back', async () => {
    const l2 = demo.devnet.chains.find(({ definition }) => definition.id === 'l2')!;
    await l2.kill();
    const without = await until('a price from the rest', async () => {
      const found = await evidence();
      const left = ['pyth-hermes', 'pyth-onchain@hub', 'chainlink@hub', 'uniswap-v3-twap@hub'];
      return included(found).join() === left.join() ? found : null;
    });
    const dead = without.votes.filter(({ chain }) => chain === 'l2');
    expect(dead.map(({ failure }) => failure?.code)).toEqual(Array(3).fill('chain-unavailable'));
    expect(without.price.verdicts.margin.usable).toBe(true);
    await l2.restart();
    await allIn();
  });

  it('refuses every source of a chain whose sequencer stands still, until the grace period is over', async () => {
    demo.driver.setSequencer('l2', false);
    const codes = ({ votes }: EvidenceDto) =>
      votes.filter(({ chain }) => chain === 'l2').map(({ failure }) => failure?.code);
    const refusedFor = (code: string) =>
      until(
        `l2 refused for ${code}`,
        async () => codes(await evidence()).join() === [code, code, code].join(),
      );
    await refusedFor('sequencer');
    demo.driver.setSequencer('l2', true);
    await refusedFor('sequencer-grace');
    await allIn();
  });

  it('gives no price and no margin as good when everything is dead, and recovers', async () => {
    demo.hermes.fault('refuse');
    await Promise.all(demo.devnet.chains.map((chain) => chain.kill()));
    const dead = await until('no usable price', async () => {
      const found = await evidence();
      return included(found).length === 0 ? found : null;
    });
    expect(dead.price).toMatchObject({ price: null, stale: true });
    expect(dead.price.verdicts.liquidate.usable).toBe(false);
    const answer = await margin();
    expect(answer).toMatchObject({ status: 'unknown', stale: true });
    expect(answer.failures.map(({ positionId }) => positionId)).toEqual(['short']);
    expect(answer.reasons.map(({ code }) => code)).toContain('price-refused');
    expect((await demo.ask('/ready')).status).toBe(503);
    expect((await demo.ask('/health')).status).toBe(200);

    demo.hermes.fault('none');
    await Promise.all(demo.devnet.chains.map((chain) => chain.restart()));
    await allIn();
    await until('a current margin again', async () => {
      const { stale, status } = await margin();
      return !stale && status === 'healthy';
    });
  });
});
