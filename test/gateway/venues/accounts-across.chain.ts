import { type Address, maxUint256 } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createChainReader } from '../../../chains/clients/chain-reader.ts';
import { riskArtifact } from '../../../chains/contracts/artifact.ts';
import { nameToBytes32 } from '../../../chains/contracts/market-address.ts';
import { builtArtifact } from '../../../chains/devnet/artifacts.ts';
import { venueAccounts } from '../../../gateway/venues/venue-accounts.ts';
import { START } from '../../chains/support/local-chains.ts';
import {
  clientOf,
  owned,
  type RiskChain,
  type RiskDevnet,
  startRiskDevnet,
  WAD,
} from '../../chains/support/messaging.ts';
import { type Ask, asker } from '../support/contract.ts';
import { createWorld, jsonRequest } from '../support/gateway.ts';
import { robustPrice } from '../support/market.ts';

const START_MS = START * 1000;
const venueAbi = riskArtifact('ExampleVenue').abi;
const tokenAbi = builtArtifact('DevnetToken').abi;

let devnet: RiskDevnet;
beforeAll(async () => {
  devnet = await startRiskDevnet(['hub', 'l2']);
  for (const [index, { chain, risk }] of devnet.all.entries()) {
    const id = nameToBytes32('carol');
    await owned(chain, risk.owner, risk.venue, venueAbi, 'open', [id, risk.owner]);
    await deposit(devnet.all[index]!, id, index === 0 ? 20_000n : 5_000n);
    // Long 1 BTC on the hub at a gain, short 0.5 on the other chain at a loss.
    const [size, entry] = index === 0 ? [WAD, 58_000n] : [-WAD / 2n, 40_000n];
    await owned(chain, risk.owner, risk.venue, venueAbi, 'fill', [
      id,
      nameToBytes32('BTC-PERP'),
      size,
      entry * WAD,
    ]);
  }
});
afterAll(() => devnet?.stop());

async function deposit({ chain, risk }: RiskChain, account: `0x${string}`, amount: bigint): Promise<void> {
  const { quoteToken } = chain.pools.BTC!;
  const addresses = (await clientOf(chain).request({
    method: 'eth_accounts',
  } as never)) as readonly Address[];
  const rich = addresses[5]!;
  await owned(chain, rich, quoteToken, tokenAbi, 'approve', [risk.venue, maxUint256]);
  await owned(chain, rich, risk.venue, venueAbi, 'deposit', [
    account,
    nameToBytes32('USDC'),
    amount * 10n ** 6n,
  ]);
}

function gateway(link: object | null = { finalitySeconds: 0, messageSeconds: 0, trustWeight: 1 }): Ask {
  const clock = { nowMs: () => START_MS };
  const chains = devnet.chains.map(({ definition }) => ({
    ...definition,
    crossChain: link as never,
    risk: { ...definition.risk!, protocols: { local: Object.values(definition.risk!.subjects) } },
  }));
  const readers = new Map(
    chains.map((one) => [one.id, createChainReader(one, { clock, backoffFirstMs: 1, backoffMaxMs: 1 })]),
  );
  const world = createWorld({ held: (accounts) => venueAccounts({ accounts, chains, readers }) });
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

interface Margin {
  readonly status: string;
  readonly equity: string;
  readonly requirement: { readonly initial: string; readonly maintenance: string };
  readonly net: { readonly initial: string; readonly maintenance: string };
  readonly venueChains: readonly { chain: string; block: string | null; cutOff: { code: string } | null }[];
  readonly chains: readonly { chain: string | null; equity: string }[];
  readonly moves: readonly { from: string | null; to: string | null; value: string; haircut: string }[];
  readonly failures: readonly { reason: { code: string } }[];
}
async function marginOf(ask: Ask, account = 'carol'): Promise<Margin> {
  const answer = await ask(`/v1/accounts/${account}/margin`);
  expect(answer.status, answer.text).toBe(200);
  return answer.json as Margin;
}
function noBetter(before: Margin, after: Margin): void {
  for (const key of ['initial', 'maintenance'] as const) {
    expect(Number(after.requirement[key])).toBeGreaterThanOrEqual(Number(before.requirement[key]));
    expect(Number(after.net[key])).toBeLessThan(Number(before.net[key]));
  }
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
});
