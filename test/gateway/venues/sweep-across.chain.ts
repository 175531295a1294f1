import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createChainReader } from '../../../chains/clients/chain-reader.ts';
import { silentLogger } from '../../../db/logger.ts';
import { getMarginStatus } from '../../../db/queries/margin-statuses.ts';
import { putPositions } from '../../../db/queries/put-positions.ts';
import { outbox } from '../../../db/schema/outbox.ts';
import { databaseAccounts } from '../../../gateway/engine/accounts.ts';
import type { StatusChange } from '../../../gateway/engine/status-watch.ts';
import { sweepMargins } from '../../../gateway/engine/sweep-margins.ts';
import { watchStatuses } from '../../../gateway/engine/watch-statuses.ts';
import { impactOf, type MarginUnder } from '../../../gateway/governance/impact.ts';
import { type PinnedModel, pinnedModel } from '../../../gateway/governance/pinned-model.ts';
import { accountsOnChainOnly } from '../../../gateway/venues/enumerate.ts';
import { everyBook } from '../../../gateway/venues/every-book.ts';
import { lastBooks } from '../../../gateway/venues/last-books.ts';
import { venueAccounts } from '../../../gateway/venues/venue-accounts.ts';
import { venueKeys } from '../../../gateway/venues/venue-list.ts';
import { toldBy } from '../../../gateway/webhooks/events.ts';
import { marginSweep } from '../../../jobs/tasks/margin-sweep.ts';
import { wadToDecimal } from '../../../risk/units/wad.ts';
import { START } from '../../chains/support/local-chains.ts';
import { type RiskChain, type RiskDevnet, startRiskDevnet, WAD } from '../../chains/support/messaging.ts';
import { context } from '../../helpers/task-context.ts';
import { until } from '../../helpers/until.ts';
import { useDatabase } from '../../helpers/use.ts';
import { asker } from '../support/contract.ts';
import { createWorld } from '../support/gateway.ts';
import { robustPrice } from '../support/market.ts';
import { deposit, fill, openAccount } from './example-venue.ts';

const START_MS = START * 1000;
const PROTOCOL = 'local';

const database = await useDatabase();
let devnet: RiskDevnet;
beforeAll(async () => {
  devnet = await startRiskDevnet(['hub', 'l2']);
  const [hub, l2] = devnet.all as [RiskChain, RiskChain];
  // 20,000 on the hub and 5,000 on the other chain, where a short loses 10,000.
  await open(hub, 'erin', 20_000n);
  await open(l2, 'erin', 5_000n);
  await fill(l2, 'erin', -WAD / 2n, 40_000n);
  await open(l2, 'frank', 700n);
  const book = {
    protocol: PROTOCOL,
    sequence: 1n,
    cashWad: 300n * WAD,
    positions: [],
    marketTimeMs: START_MS,
  };
  await putPositions(database, { ...book, account: 'frank' });
  await putPositions(database, { ...book, account: 'pushed-only' });
});
afterAll(() => devnet?.stop());

async function open(chain: RiskChain, account: string, amount: bigint): Promise<void> {
  await openAccount(chain, account);
  await deposit(chain, account, amount);
}

function gateway() {
  const clock = { nowMs: () => START_MS };
  const chains = devnet.chains.map(({ definition }) => ({
    ...definition,
    crossChain: { finalitySeconds: 900, messageSeconds: 60, trustWeight: 0.9 },
    risk: { ...definition.risk!, protocols: { [PROTOCOL]: Object.values(definition.risk!.subjects) } },
  }));
  const readers = new Map(
    chains.map((one) => [one.id, createChainReader(one, { clock, backoffFirstMs: 1, backoffMaxMs: 1 })]),
  );
  const books = databaseAccounts(database, clock, (protocol) => venueKeys(chains, protocol));
  const held = venueAccounts({
    accounts: books,
    chains,
    readers,
    last: lastBooks(database, clock),
  });
  const world = createWorld({ held: () => held, books: () => books });
  world.nowMs = START_MS;
  for (const [id, price] of [
    ['BTC-USD', '60000'],
    ['USDC-USD', '1'],
  ] as const)
    world.prices.set(id, robustPrice(id, price, START_MS));
  const sweep = async (atMs: number) => {
    const compute = sweepMargins({ held, margin: world.margin });
    const seen: string[] = [];
    for (const index of [0, 1]) {
      await marginSweep.run(
        { asOfMs: atMs, shard: { index, count: 2 } },
        {
          database,
          compute: async (accounts) => {
            seen.push(...accounts.map(({ account }) => account));
            const computed = await compute(accounts);
            // The market time of the sweep: prices stand still in this test.
            return computed.map((each) => ({ ...each, asOfMs: atMs }));
          },
          elsewhere: (shard) => accountsOnChainOnly({ database, chains, readers }, shard),
        },
        context,
      );
    }
    return seen.sort();
  };
  const every = everyBook({ database, chains, readers, held });
  const { nowMs } = world;
  const margin: MarginUnder = (protocol, portfolio, model, onChains = null) =>
    world.margin.evaluate(protocol, portfolio, { model, onChains }).result;
  const impact = (before: PinnedModel, after: PinnedModel) =>
    impactOf({
      books: every,
      protocol: PROTOCOL,
      before,
      after,
      margin,
      asOfMs: nowMs,
      signal: AbortSignal.timeout(600_000),
    });
  return { ask: asker(world), sweep, chains, books, impact, world, held, every };
}

type Gateway = ReturnType<typeof gateway>;
async function sameAsAsked({ ask }: Gateway, account: string) {
  const stored = (await getMarginStatus(database.orm, PROTOCOL, account))!;
  const asked = (await ask(`/v1/accounts/${account}/margin`)).json as {
    status: string;
    equity: string;
    requirement: { initial: string; maintenance: string };
  };
  const amounts = [stored.equityWad, stored.initialWad, stored.maintenanceWad].map(wadToDecimal);
  const { initial, maintenance } = asked.requirement;
  expect([stored.status, ...amounts]).toEqual([asked.status, asked.equity, initial, maintenance]);
  return stored;
}
const told = async (account: string) =>
  (await database.orm.select().from(outbox))
    .filter(({ payload }) => (payload as { account?: string }).account === account)
    .map((entry) => toldBy(entry)?.type ?? null);

describe('the margin sweep', () => {
  test('sees what accounts have on chain, also those that were never pushed, and webhooks are told', async () => {
    const gate = gateway();
    expect(await gate.sweep(START_MS)).toEqual(['erin', 'frank', 'pushed-only']);
    const frank = await sameAsAsked(gate, 'frank');
    expect(wadToDecimal(frank.equityWad)).toBe('1000');
    const before = await sameAsAsked(gate, 'erin');
    expect(before.sequence).toBe(0n);
    expect([before.status, await told('erin')]).toEqual(['healthy', [null]]);

    const { chain } = devnet.all[0]!;
    await chain.kill();
    try {
      // A process that has never read the dead chain: it finds the account by what was read before.
      const other = gateway();
      expect(await other.sweep(START_MS + 5_000)).toEqual(['erin', 'frank', 'pushed-only']);
      const after = await sameAsAsked(other, 'erin');
      expect([after.status, wadToDecimal(after.equityWad)]).toEqual(['insolvent', '-5000']);
      expect((await told('erin')).at(-1)).toBe('liquidation.required');
    } finally {
      await chain.restart();
    }
  });
});

describe('the list of accounts', () => {
  const ids = (found: { json: unknown }) =>
    (found.json as { accounts: { accountId: string }[] }).accounts.map(({ accountId }) => accountId);

  test('has those that are on chain only, with what the sweep found, and is read page by page', async () => {
    const gate = gateway();
    await gate.sweep(START_MS + 10_000);
    const all = await gate.ask('/v1/accounts');
    expect(ids(all)).toEqual(['erin', 'frank', 'pushed-only']);
    const [erin, frank] = (all.json as { accounts: Record<string, unknown>[] }).accounts;
    const swept = await sameAsAsked(gate, 'erin');
    expect(erin).toMatchObject({
      sequence: 0,
      positionCount: 3,
      margin: { status: swept.status, equity: wadToDecimal(swept.equityWad), sequence: 0 },
    });
    // Its collateral on chain: nothing but cash was pushed.
    expect(frank).toMatchObject({ sequence: 1, positionCount: 1 });
    for (const sort of ['id', 'health']) {
      const whole = ids(await gate.ask(`/v1/accounts?sort=${sort}`));
      expect(whole.toSorted()).toEqual(['erin', 'frank', 'pushed-only']);
      const seen: string[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const path = `/v1/accounts?sort=${sort}&limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`;
        const page = await gate.ask(path);
        seen.push(...ids(page));
        cursor = (page.json as { nextCursor: string | null }).nextCursor;
      }
      expect(seen).toEqual(whole);
      const csv = (await gate.ask(`/v1/accounts?sort=${sort}&format=csv`)).text;
      expect(
        csv
          .trim()
          .split('\n')
          .slice(1)
          .map((line) => line.split(',')[0]),
      ).toEqual(whole);
    }
    expect(ids(await gate.ask(`/v1/accounts?status=${swept.status}`))).toContain('erin');
    expect(ids(await gate.ask('/v1/accounts?status=unknown'))).toEqual([]);
  });

  test('is of the venues of one protocol alone', async () => {
    const page = { status: null, order: 'id', after: null, limit: 10 } as const;
    expect(await gateway().books.list('other', page)).toEqual([]);
  });
});

describe('the impact of a change', () => {
  test('is of every account with all it has: pushed, on chain, both', async () => {
    const gate = gateway();
    const deployed = { perp: { initial: 0.1, maintenance: 0.05 } };
    const raised = { perp: { initial: 0.5, maintenance: 0.4 } };
    const [before, after] = [deployed, raised].map((given) => pinnedModel('standard', '1.0.0', given));
    const { summary, accounts } = await gate.impact(before!, after!);
    expect(accounts.map(({ account }) => account)).toEqual(['frank', 'pushed-only', 'erin']);
    expect(summary).toMatchObject({ accounts: 3, raised: 1, lowered: 0, unknown: 0 });
    const erin = accounts.at(-1)!;
    // A short of 0.5 BTC at 60,000 against 15,000 of equity: a maintenance of 12,000, more with the buffer at its cap.
    expect(erin.maintenanceAfterWad).toBeGreaterThan(15_000n * WAD);
    expect([erin.statusBefore, erin.statusAfter]).toEqual(['healthy', 'liquidatable']);
    const margin = (await gate.ask('/v1/accounts/erin/margin')).json as { status: string };
    expect(margin.status).toBe(erin.statusBefore);
  });
});

describe('the status watch', () => {
  test('tells of an account on chain right after a tick, with the book that another gateway found last', async () => {
    const [gate, other] = [gateway(), gateway()];
    const listeners = new Set<(feedIds: ReadonlySet<string>) => void>();
    const { world } = gate;
    const told: StatusChange[] = [];
    const { watch, close } = watchStatuses({
      database,
      book: {
        feedIds: [...world.prices.keys()],
        price: (id) => world.prices.get(id)!,
        subscribe(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      margin: world.margin,
      clock: { nowMs: () => START_MS },
      chains: gate.chains,
      held: gate.held,
      books: gate.every,
      tell: (change) => told.push(change),
      logger: silentLogger,
    });
    try {
      await until('every account to be margined', () => watch.size === 3 && watch.waiting === 0);
      const of = (account: string) =>
        told
          .filter(({ accountId }) => accountId === account)
          .map(({ sequence, result }) => [sequence, result.status, wadToDecimal(result.equityWad)]);
      // The short on the other chain loses another 9,000 of the 15,000 that are left.
      for (const { world: each } of [gate, other])
        each.prices.set('BTC-USD', robustPrice('BTC-USD', '78000', START_MS));
      for (const listener of listeners) listener(new Set(['BTC-USD']));
      await until('the tick to be worked off', () => watch.waiting === 0);
      const now = (await other.ask('/v1/accounts/erin/margin')).json as { status: string; equity: string };
      expect(now.status).not.toBe('healthy');
      expect(of('erin')).toEqual([[0n, now.status, now.equity]]);
      expect([of('frank'), of('pushed-only')]).toEqual([[], []]);

      // More collateral, which the other gateway sees when it is asked.
      await deposit(devnet.all[0]!, 'erin', 50_000n);
      const after = (await other.ask('/v1/accounts/erin/margin')).json as { status: string; equity: string };
      expect(after.status).toBe('healthy');
      await until('the new book to be watched', () => of('erin').length === 2);
      expect(of('erin')[1]).toEqual([0n, 'healthy', after.equity]);
    } finally {
      await close();
    }
  });
});
