import { describe, expect, test } from 'vitest';
import { type Ask, pick } from '../support/contract.ts';
import { createWorld } from '../support/gateway.ts';
import { refusedPrice } from '../support/market.ts';
import { withBook } from '../support/with-book.ts';

interface Figures {
  readonly status: string;
  readonly equity: string;
  readonly net: { readonly initial: string; readonly maintenance: string };
}
interface Outcome extends Figures {
  readonly name: string;
  readonly change: string;
  readonly equityAfterClosing: string;
  readonly prices: Readonly<Record<string, number>>;
}

async function stressed(ask: Ask) {
  const { status, json } = await ask('/v1/accounts/alice/stress');
  expect(status).toBe(200);
  const scenarios = pick(json, 'scenarios') as Outcome[];
  const named = (name: string) => scenarios.find((outcome) => outcome.name === name)!;
  return { json, scenarios, named };
}

describe('GET /v1/accounts/{id}/stress', () => {
  test('has past crashes, a common crash, lost liquidity and each chain of the book', async () => {
    const { json, scenarios, named } = await stressed(await withBook());
    expect(scenarios.map(({ name }) => name)).toEqual([
      'crash-2020-03-12',
      'crash-2021-05-19',
      'crash-2022-05-11',
      'crash-2022-06-13',
      'crash-2022-11-09',
      'crash-2024-08-05',
      'correlated-crash-30',
      'correlated-crash-50',
      'vanished-liquidity',
      'chain-lost-hub',
      'chain-lost-l2',
    ]);
    // 1 BTC long and 10 - 2 = 8 ETH: 60,000 x -0.4645 + 8 x 3,000 x -0.4778
    expect(named('crash-2020-03-12').prices).toEqual({ BTC: 1 - 0.4645, ETH: 1 - 0.4778 });
    expect(Number(named('crash-2020-03-12').change)).toBeCloseTo(-27_870 - 11_467.2, 6);
    // 10 % of 60,000 + 2 x 3,000 of perps
    expect(named('vanished-liquidity')).toMatchObject({ change: '0', equityAfterClosing: '26612.5' });
    // The collateral is on l2, the gain of the long on hub.
    expect(named('chain-lost-l2').change).toBe('-30000');
    expect(named('chain-lost-hub').change).toBe('-2000');
    expect(json).toMatchObject({
      accountId: 'alice',
      sequence: 1,
      stale: false,
      current: { equity: '33212.5' },
    });
    const least = (of: (outcome: Outcome) => number) =>
      scenarios.reduce((worst, outcome) => (of(outcome) < of(worst) ? outcome : worst)).name;
    expect(pick(json, 'worst')).toEqual({
      byNetMaintenance: least((outcome) => Number(outcome.net.maintenance)),
      byEquityAfterClosing: least((outcome) => Number(outcome.equityAfterClosing)),
    });
    expect(pick(json, 'worst', 'byNetMaintenance')).toBe('correlated-crash-50');
    expect(named('correlated-crash-50').status).toBe('insolvent');
  });

  test('the grid has the account as it is in the middle, and loses more the further it falls', async () => {
    const { json } = await stressed(await withBook());
    const spotMoves = pick(json, 'grid', 'spotMoves') as number[];
    const volatilities = pick(json, 'grid', 'volatilities') as number[];
    const cells = pick(json, 'grid', 'cells') as Figures[][];
    expect(cells.map((row) => row.length)).toEqual(volatilities.map(() => spotMoves.length));
    expect(cells[volatilities.indexOf(1)]![spotMoves.indexOf(0)]).toEqual(pick(json, 'current'));
    for (const row of cells) {
      row.forEach((cell, i) => {
        // 84,000 of delta
        expect(Number(cell.equity)).toBeCloseTo(33_212.5 + 84_000 * spotMoves[i]!, 6);
      });
    }
    expect(pick(json, 'grid', 'worst')).toEqual({ spotMove: -0.5, volatility: 0.75 });
  });

  test('the smallest move that breaks the account is where its margin ends', async () => {
    const ask = await withBook();
    const { json } = await stressed(ask);
    const { json: prices } = await ask('/v1/accounts/alice/liquidation-price');
    const along = Number(pick(prices, 'alongBeta', 'down'));
    const btc = (pick(prices, 'assets') as { asset: string; down: { multiplier: number } | null }[]).find(
      ({ asset }) => asset === 'BTC',
    )!;
    const smallest = Math.max(along, btc.down!.multiplier);
    expect(pick(json, 'reverse')).toEqual({ asset: null, reference: 'BTC', move: smallest - 1 });
  });

  test('an empty account cannot be broken', async () => {
    const { json } = await stressed(await withBook(createWorld(), { cash: '10', positions: [] }));
    expect(json).toMatchObject({ reverse: null, current: { equity: '10' }, worst: {} });
  });

  test('a position without a value leaves every scenario unknown', async () => {
    const world = createWorld();
    const ask = await withBook(world);
    world.prices.set('BTC-USD', refusedPrice('BTC-USD', '60000'));
    const { json, scenarios } = await stressed(ask);
    expect(json).toMatchObject({ reverse: null, stale: true, failures: [{ positionId: 'p1' }] });
    expect(
      new Set(scenarios.filter(({ name }) => name !== 'chain-lost-hub').map(({ status }) => status)),
    ).toEqual(new Set(['unknown']));
  });

  test('takes no parameters; an unknown account is 404', async () => {
    const ask = await withBook();
    expect((await ask('/v1/accounts/alice/stress?move=1')).json).toMatchObject({
      status: 400,
      errors: [{ field: 'move' }],
    });
    expect((await ask('/v1/accounts/nobody/stress')).status).toBe(404);
  });
});
