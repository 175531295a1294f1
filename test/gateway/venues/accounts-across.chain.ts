import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createChainReader } from '../../../chains/clients/chain-reader.ts';
import { type LastBooks, lastBooks } from '../../../gateway/venues/last-books.ts';
import { venueAccounts } from '../../../gateway/venues/venue-accounts.ts';
import { DEFAULT_HAIRCUT, type HaircutParameters } from '../../../risk/cross-chain/haircut.ts';
import { START } from '../../chains/support/local-chains.ts';
import { type RiskDevnet, startRiskDevnet, WAD } from '../../chains/support/messaging.ts';
import { useDatabase } from '../../helpers/use.ts';
import { type Ask, asker } from '../support/contract.ts';
import { createWorld, jsonRequest } from '../support/gateway.ts';
import { robustPrice } from '../support/market.ts';
import { type Answers, all, type Margin, marginOf, noBetter } from './across-answers.ts';
import { deposit, fill, openAccount } from './example-venue.ts';

const START_MS = START * 1000;

const database = await useDatabase();
let devnet: RiskDevnet;
beforeAll(async () => {
  devnet = await startRiskDevnet(['hub', 'l2']);
  for (const [index, each] of devnet.all.entries()) {
    await openAccount(each, 'carol');
    await deposit(each, 'carol', index === 0 ? 20_000n : 5_000n);
    // Long 1 BTC on the hub at a gain, short 0.5 on the other chain at a loss.
    if (index === 0) await fill(each, 'carol', WAD, 58_000n);
    else await fill(each, 'carol', -WAD / 2n, 40_000n);
  }
});
afterAll(() => devnet?.stop());

const FREE = { finalitySeconds: 0, messageSeconds: 0, trustWeight: 1 };
const SLOW = { finalitySeconds: 900, messageSeconds: 60, trustWeight: 0.9 };

function gateway(link: object | null = FREE, last?: LastBooks, haircut?: HaircutParameters): Ask {
  const clock = { nowMs: () => START_MS };
  const chains = devnet.chains.map(({ definition }) => ({
    ...definition,
    crossChain: link as never,
    risk: { ...definition.risk!, protocols: { local: Object.values(definition.risk!.subjects) } },
  }));
  const readers = new Map(
    chains.map((one) => [one.id, createChainReader(one, { clock, backoffFirstMs: 1, backoffMaxMs: 1 })]),
  );
  const kept = { ...(last === undefined ? {} : { last }), ...(haircut === undefined ? {} : { haircut }) };
  const world = createWorld({
    held: (accounts) => venueAccounts({ accounts, chains, readers, ...kept }),
  });
  world.nowMs = START_MS;
  for (const [id, price] of [
    ['BTC-USD', '60000'],
    ['ETH-USD', '3000'],
    ['USDC-USD', '1'],
  ] as const) {
    world.prices.set(id, robustPrice(id, price, START_MS));
  }
  return asker(world);
}

/** The same positions in one pushed book. */
const SAME = {
  cash: '0',
  positions: [
    { kind: 'collateral', id: 'c1', asset: 'USDC', amount: '25000' },
    { kind: 'perp', id: 'p1', market: 'BTC-PERP', size: '1', entryPrice: '58000' },
    { kind: 'perp', id: 'p2', market: 'BTC-PERP', size: '-0.5', entryPrice: '40000' },
  ],
};

describe('an account over two chains', () => {
  test('has the margin of the same positions in one book when haircuts are off, and says what moves', async () => {
    const ask = gateway();
    const across = await marginOf(ask);
    const one = (await ask('/v1/margin/simulate', jsonRequest('POST', SAME))).json as Margin;
    expect([across.equity, across.requirement, across.net, across.status]).toEqual([
      one.equity,
      one.requirement,
      one.net,
      one.status,
    ]);
    expect(across.venueChains.map(({ chain, cutOff }) => [chain, cutOff])).toEqual([
      ['hub', null],
      ['l2', null],
    ]);
    for (const { from, to, haircut } of across.moves) expect([from, to, haircut]).toEqual(['hub', 'l2', '0']);
    // 5,000 of collateral against a loss of 10,000.
    expect(across.moves.reduce((sum, { value }) => sum + Number(value), 0)).toBe(5000);
  });

  test('counts less across chains that take time and trust', async () => {
    const [free, slow] = [
      await marginOf(gateway()),
      await marginOf(gateway({ finalitySeconds: 900, messageSeconds: 60, trustWeight: 0.8 })),
    ];
    expect(Number(slow.net.initial)).toBeLessThan(Number(free.net.initial));
    expect(slow.requirement).toEqual(free.requirement);
    expect(Number(slow.moves[0]!.haircut) / Number(slow.moves[0]!.value)).toBeGreaterThan(0.2);
  });

  test('mixes with what is pushed', async () => {
    const ask = gateway();
    const before = await marginOf(ask);
    const book = { sequence: 1, cash: '1000', positions: [] };
    await ask('/v1/accounts/carol/positions', jsonRequest('PUT', book));
    const after = await marginOf(ask);
    expect(Number(after.equity) - Number(before.equity)).toBe(1000);
    expect(after.requirement).toEqual(before.requirement);
  });

  test('never gets better when the sequencer of a chain stops or its node dies; its losses stay', async () => {
    const ask = gateway({ finalitySeconds: 900, messageSeconds: 60, trustWeight: 0.9 });
    const whole = await marginOf(ask);
    const { chain } = devnet.all[1]!;
    await chain.step({ timestampSeconds: START + 2, sequencerUp: false });
    const stopped = await marginOf(ask);
    expect(stopped.venueChains[1]!.cutOff!.code).toBe('sequencer');
    noBetter(whole, stopped);
    await chain.step({ timestampSeconds: START + 4, sequencerUp: true });
    expect((await marginOf(ask)).net).toEqual(whole.net);

    await chain.kill();
    const dead = await marginOf(ask);
    expect(dead.venueChains[1]).toMatchObject({ block: null, cutOff: { code: 'chain-unavailable' } });
    noBetter(whole, dead);
    // A loss of 10,000 on the short stays, the collateral of 5,000 there is gone.
    const there = (margin: Margin) => Number(margin.chains.find((one) => one.chain === 'l2')!.equity);
    expect(there(dead)).toBe(-10000);
    // Who has never read that chain knows nothing of it.
    const fresh = await marginOf(gateway());
    expect([fresh.status, fresh.failures.map(({ reason }) => reason.code)]).toEqual([
      'unknown',
      ['venue-never-read'],
    ]);
    await chain.restart();
    expect((await marginOf(ask)).net).toEqual(whole.net);
  });

  test('is unknown like any other when it is nowhere', async () => {
    expect((await gateway()('/v1/accounts/nobody/margin')).json).toMatchObject({
      type: '/errors/unknown-account',
    });
  });

  test('is haircut as the network and the chain say, and says with what', async () => {
    const wide = { ...DEFAULT_HAIRCUT, deviations: 4 };
    const plain = await marginOf(gateway(SLOW));
    expect(plain.venueChains[0]!.haircut).toEqual({ ...SLOW, ...DEFAULT_HAIRCUT });
    const network = await marginOf(gateway(SLOW, undefined, wide));
    expect(network.venueChains[0]!.haircut).toEqual({ ...SLOW, ...wide });
    const chain = await marginOf(gateway({ ...SLOW, deviations: 6, finalityMultiple: 10 }, undefined, wide));
    expect(chain.venueChains[0]!.haircut).toEqual({ ...SLOW, ...wide, deviations: 6, finalityMultiple: 10 });
    const lost = ({ moves }: Margin) => moves.reduce((sum, { haircut }) => sum + Number(haircut), 0);
    // Stablecoins at 5 % a year: 0.1 + 0.9 z 0.05 sqrt(T / year), T = 1860 s, or 18,060 s with the multiple.
    const year = 365.25 * 86_400;
    const rate = (z: number, seconds: number) => 1 - 0.9 * (1 - z * 0.05 * Math.sqrt(seconds / year));
    const needed = (margin: Margin) => margin.moves.reduce((sum, { value }) => sum + Number(value), 0);
    for (const [margin, z, seconds] of [
      [plain, 2.326, 1860],
      [network, 4, 1860],
      [chain, 6, 18_060],
    ] as const) {
      expect(lost(margin) / needed(margin)).toBeCloseTo(rate(z, seconds), 5);
    }
  });
});

describe('every answer about an account over two chains', () => {
  const l2 = () => devnet.all[1]!.chain;
  const outcome = (answers: Answers, name: string) =>
    answers.stress.scenarios.find((each) => each.name === name)!;

  test('is of the same margin, haircuts included, and stays one while a chain is cut off', async () => {
    const ask = gateway(SLOW);
    const whole = await all(ask);
    const { margin } = whole;
    const free = Math.max(0, Number(margin.net.initial));
    expect(free).toBeGreaterThan(0);
    expect(Number(whole.capacity.freeCollateral)).toBe(free);
    expect(whole.predicted.current).toEqual({
      status: margin.status,
      equity: margin.equity,
      requirement: margin.requirement,
      net: margin.net,
    });
    expect(whole.whatIf.current).toMatchObject({ net: margin.net, venueChains: margin.venueChains });
    // 100 of the account's own cash covers what l2 lacks before the hub's collateral does, without its haircut.
    const gained = Number(whole.whatIf.simulations[0]!.margin.net.initial) - Number(margin.net.initial);
    expect(gained).toBeGreaterThan(110);
    expect(gained).toBeLessThan(112);
    // What stress says of the loss of the chain is what the margin says once it is lost.
    const foretold = outcome(whole, 'chain-lost-l2');

    await l2().kill();
    try {
      const cut = await all(ask);
      noBetter(margin, cut.margin);
      expect([foretold.equity, foretold.net]).toEqual([cut.margin.equity, cut.margin.net]);
      expect(Number(cut.capacity.freeCollateral)).toBe(Math.max(0, Number(cut.margin.net.initial)));
      expect(Number(cut.capacity.freeCollateral)).toBeLessThan(free);
      expect(cut.predicted.current.net).toEqual(cut.margin.net);
      expect(cut.whatIf.current.net).toEqual(cut.margin.net);
      // Nothing can be taken from a chain that cannot be reached, nor be closed there.
      const there = (positionId: string) => positionId.startsWith('@l2:');
      expect(cut.capacity.withdrawals.collateral.filter(({ positionId }) => there(positionId))).toEqual([
        { positionId: '@l2:example-venue:collateral:USDC', asset: 'USDC', amount: '0' },
      ]);
      const closed = ({ plan }: Answers) => plan.plan.closes.map(({ positionId }) => positionId);
      expect([closed(cut).length > 0, closed(cut).some(there)]).toEqual([true, false]);
      for (const name of ['crash-2020-03-12', 'correlated-crash-50', 'chain-lost-hub', 'chain-lost-l2']) {
        expect(Number(outcome(cut, name).net.maintenance)).toBeLessThanOrEqual(
          Number(outcome(whole, name).net.maintenance),
        );
      }
      const order = (answers: Answers) => answers.capacity.orders.map(({ size }) => Number(size));
      order(cut).forEach((size, index) => {
        expect(size).toBeLessThanOrEqual(order(whole)[index]!);
      });
    } finally {
      await l2().restart();
    }
    expect((await all(ask)).margin.net).toEqual(margin.net);
  });
});

describe('a gateway that starts while a chain is dead', () => {
  test('knows the books that were last read, with their block, and never calls them fresh', async () => {
    const before = gateway(SLOW, lastBooks(database, { nowMs: () => START_MS }));
    const whole = await marginOf(before);
    const { block } = whole.venueChains[1]!;
    expect(whole.venueChains[1]!.books!.block).toBe(block);
    const { chain } = devnet.all[1]!;
    await chain.kill();
    try {
      const dead = await marginOf(before);
      const restarted = await marginOf(gateway(SLOW, lastBooks(database, { nowMs: () => START_MS })));
      expect(restarted.venueChains[1]).toMatchObject({
        block: null,
        cutOff: { code: 'chain-unavailable' },
        books: { block },
      });
      expect([restarted.net, restarted.requirement, restarted.equity]).toEqual([
        dead.net,
        dead.requirement,
        dead.equity,
      ]);
      expect(restarted.status).not.toBe('unknown');
      noBetter(whole, restarted);
    } finally {
      await chain.restart();
    }
  });

  test('answers nothing about an account that only a dead chain could know', async () => {
    const { chain } = devnet.all[1]!;
    await chain.kill();
    try {
      const answer = await gateway()('/v1/accounts/nobody/margin');
      expect([answer.status, (answer.json as { type: string }).type]).toEqual([
        503,
        '/errors/venue-unreachable',
      ]);
    } finally {
      await chain.restart();
    }
  });
});
