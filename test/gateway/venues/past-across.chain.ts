import { type Address, maxUint256 } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createChainReader } from '../../../chains/clients/chain-reader.ts';
import { riskArtifact } from '../../../chains/contracts/artifact.ts';
import { nameToBytes32 } from '../../../chains/contracts/market-address.ts';
import { builtArtifact } from '../../../chains/devnet/artifacts.ts';
import type { Database } from '../../../db/connection.ts';
import { deleteVenueHistory } from '../../../db/queries/retention.ts';
import { venueBookHistory } from '../../../db/schema/venue-books.ts';
import { databaseAccounts } from '../../../gateway/engine/accounts.ts';
import { pastMargin } from '../../../gateway/engine/past-margin.ts';
import { pinnedModel } from '../../../gateway/governance/pinned-model.ts';
import { lastBooks } from '../../../gateway/venues/last-books.ts';
import { pastVenues } from '../../../gateway/venues/past-venues.ts';
import { venueAccounts } from '../../../gateway/venues/venue-accounts.ts';
import { DEFAULT_HAIRCUT } from '../../../risk/cross-chain/haircut.ts';
import { wadFromDecimal, wadToDecimal } from '../../../risk/units/wad.ts';
import { START } from '../../chains/support/local-chains.ts';
import {
  clientOf,
  owned,
  type RiskChain,
  type RiskDevnet,
  startRiskDevnet,
  WAD,
} from '../../chains/support/messaging.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { asker } from '../support/contract.ts';
import { createWorld, jsonRequest } from '../support/gateway.ts';
import { robustPrice } from '../support/market.ts';

const venueAbi = riskArtifact('ExampleVenue').abi;
const tokenAbi = builtArtifact('DevnetToken').abi;
const PROTOCOL = 'local';
const atSecond = (second: number) => (START + second) * 1000;

let devnet: RiskDevnet;
let postgres: TestPostgres;
let database: Database;
let hub: RiskChain;
let l2: RiskChain;
/** Market time of both gateways. */
let nowMs = atSecond(0);
beforeAll(async () => {
  [devnet, postgres] = await Promise.all([startRiskDevnet(['hub', 'l2']), startTestPostgres()]);
  database = await postgres.openMigrated();
  [hub, l2] = devnet.all as [RiskChain, RiskChain];
  for (const of of [hub, l2]) {
    const token = of.chain.pools.BTC!.quoteToken;
    await owned(of.chain, await rich(of), token, tokenAbi, 'approve', [of.risk.venue, maxUint256]);
  }
});
afterAll(async () => {
  await devnet?.stop();
  await postgres?.stop();
});

const rich = async ({ chain }: RiskChain) =>
  ((await clientOf(chain).request({ method: 'eth_accounts' } as never)) as Address[])[5]!;
const open = ({ chain, risk }: RiskChain, account: string) =>
  owned(chain, risk.owner, risk.venue, venueAbi, 'open', [nameToBytes32(account), risk.owner]);
async function deposit(of: RiskChain, account: string, amount: bigint): Promise<void> {
  const args = [nameToBytes32(account), nameToBytes32('USDC'), amount * 10n ** 6n];
  await owned(of.chain, await rich(of), of.risk.venue, venueAbi, 'deposit', args);
}

/** One of two gateways: what it has in memory is its own, the database is both's. */
function gateway() {
  const clock = { nowMs: () => nowMs };
  const chains = devnet.chains.map(({ definition }) => ({
    ...definition,
    crossChain: { finalitySeconds: 900, messageSeconds: 60, trustWeight: 0.9 },
    risk: { ...definition.risk!, protocols: { [PROTOCOL]: Object.values(definition.risk!.subjects) } },
  }));
  const readers = new Map(
    chains.map((one) => [one.id, createChainReader(one, { clock, backoffFirstMs: 1, backoffMaxMs: 1 })]),
  );
  const books = databaseAccounts(database, clock);
  const held = venueAccounts({ accounts: books, chains, readers, last: lastBooks(database, clock) });
  const price = (id: string, atMs: number) =>
    robustPrice(id, id === 'BTC-USD' ? '60000' : id === 'ETH-USD' ? '3000' : '1', atMs);
  const world = createWorld({
    books: () => books,
    held: () => held,
    override: (ports) => {
      const model = (ref: { id: string; version: string } | null) =>
        pinnedModel(ref?.id ?? 'standard', ref?.version ?? '1.0.0', {});
      const past = pastMargin({
        database,
        prices: { ids: ports.prices.ids, at: async (id, atMs) => price(id, atMs) },
        forecasts: { assets: () => [], at: async () => [] },
        requireSettled: async () => undefined,
        isCurrent: () => true,
        service: { configuration: { listing: ports.listing, model }, validForMs: ports.prices.validForMs },
        venues: pastVenues({ database, chains, haircut: DEFAULT_HAIRCUT }),
      });
      return { ...ports, margin: { ...ports.margin, at: past.at, difference: past.difference } };
    },
  });
  const ask = asker(world);
  return {
    ask,
    /** Asks for the margin of now, which reads the chains. */
    async read(account: string) {
      world.nowMs = nowMs;
      for (const id of ['BTC-USD', 'ETH-USD', 'USDC-USD']) world.prices.set(id, price(id, nowMs));
      return (await ask(`/v1/accounts/${account}/margin`)).json as Margin;
    },
    past: async (account: string, second: number) => {
      world.nowMs = nowMs;
      return ask(`/v1/accounts/${account}/margin?at=${START + second}`);
    },
    difference: async (account: string, from: number, to: number) => {
      world.nowMs = nowMs;
      return ask(`/v1/accounts/${account}/margin/difference?from=${START + from}&to=${START + to}`);
    },
  };
}

interface Margin {
  readonly status: string;
  readonly equity: string;
  readonly net: { readonly initial: string };
  readonly requirement: object;
  readonly lines: object[];
  readonly moves: object[];
  readonly venueChains: { readonly cutOff: { readonly code: string } | null }[];
}
/** What a margin of now and one of the past share. */
const figures = ({ status, equity, net, requirement, lines, moves, venueChains }: Margin) => ({
  ...{ status, equity, net, requirement, lines, moves },
  cuts: venueChains.map(({ cutOff }) => cutOff?.code ?? null),
});
async function step(second: number, sequencerUp = true): Promise<void> {
  nowMs = atSecond(second);
  await hub.chain.step({ timestampSeconds: START + second });
  await l2.chain.step({ timestampSeconds: START + second, sequencerUp });
}

describe('a past margin of an account with books on chain', () => {
  test('is what was known then, the same at every gateway, and stored by change', async () => {
    const [one, other] = [gateway(), gateway()];
    await open(hub, 'ida');
    await deposit(hub, 'ida', 20_000n);
    await step(10);
    const first = await one.read('ida');
    // Opened on the second chain too, a short at a loss.
    await open(l2, 'ida');
    const fill = [nameToBytes32('ida'), nameToBytes32('BTC-PERP'), -WAD / 10n, 50_000n * WAD];
    await owned(l2.chain, l2.risk.owner, l2.risk.venue, venueAbi, 'fill', fill);
    await step(20);
    const second = await other.read('ida');
    await step(30);
    const book = { sequence: 1, cash: '300', positions: [] };
    await one.ask('/v1/accounts/ida/positions', jsonRequest('PUT', book));
    // The other gateway, with the third state and then the same again and again.
    const third = await other.read('ida');
    for (const which of [one, other, one, other])
      expect(figures(await which.read('ida'))).toEqual(figures(third));
    await step(40, false);
    const stopped = await one.read('ida');
    await step(50);
    const whole = await one.read('ida');
    expect(figures(whole)).toEqual(figures(third));
    nowMs = atSecond(60);

    const rows = await database.orm.select().from(venueBookHistory);
    // On the hub one book, at l2 none and then one.
    expect(rows.map(({ chain, sequence }) => [chain, Number(sequence)]).sort()).toEqual([
      ['hub', 2],
      ['l2', 0],
      ['l2', 2],
    ]);
    for (const [at, then] of [
      [15, first],
      [25, second],
      [35, third],
      [45, stopped],
      [55, whole],
    ] as const) {
      const [here, there] = [await one.past('ida', at), await other.past('ida', at)];
      expect(here.status, here.text).toBe(200);
      expect(there.text).toBe(here.text);
      expect([at, figures(here.json as Margin)]).toEqual([at, figures(then)]);
    }
    expect(figures(stopped).cuts).toEqual([null, 'sequencer']);

    const [here, there] = [await one.difference('ida', 15, 35), await other.difference('ida', 15, 35)];
    expect(here.status, here.text).toBe(200);
    expect(there.text).toBe(here.text);
    const { from, to } = here.json as { from: { equity: string }; to: { equity: string } };
    expect([from.equity, to.equity]).toEqual([first.equity, third.equity]);
    // Cash of 300 and a loss of 1,000, and what the haircut between the chains takes.
    const change = wadFromDecimal(third.equity) - wadFromDecimal(first.equity);
    expect(change).toBeLessThan(-700n * WAD);
    expect(here.json).toMatchObject({
      steps: [{ equity: wadToDecimal(change) }, {}, {}, {}],
    });
  });

  test('says since when the account is known, and of whom nothing is', async () => {
    const gate = gateway();
    nowMs = atSecond(70);
    const before = await gate.past('ida', 5);
    expect([before.status, before.json]).toMatchObject([409, { type: '/errors/no-stored-book' }]);
    expect((await gate.past('nobody', 5)).status).toBe(404);
  });

  test('leaves nothing out in silence: pushed, and never read on chain by then', async () => {
    const gate = gateway();
    nowMs = atSecond(80);
    const book = { sequence: 1, cash: '300', positions: [] };
    await gate.ask('/v1/accounts/jo/positions', jsonRequest('PUT', book));
    nowMs = atSecond(90);
    const past = await gate.past('jo', 85);
    expect(past.json).toMatchObject({
      status: 'unknown',
      failures: [
        { positionId: '@hub:example-venue', reason: { code: 'venue-past-unknown' } },
        { positionId: '@l2:example-venue', reason: { code: 'venue-past-unknown' } },
      ],
    });
    expect((await gate.difference('jo', 85, 86)).json).toMatchObject({ type: '/errors/past-venue-unknown' });
  });

  test('keeps what was in force at the limit of retention', async () => {
    const gate = gateway();
    nowMs = atSecond(95);
    const before = (await gate.past('ida', 45)).text;
    // The book of l2 that was replaced; and what of the cuts was before the one at the limit.
    expect(await deleteVenueHistory(database.orm, atSecond(45))).toBeGreaterThan(0);
    expect((await gate.past('ida', 45)).text).toBe(before);
    const rows = await database.orm.select().from(venueBookHistory);
    expect(rows.map(({ sequence }) => Number(sequence))).toEqual([2, 2]);
  });
});
