import { describe, expect, test } from 'vitest';
import { Listing } from '../../../gateway/engine/instruments.ts';
import { MarginService } from '../../../gateway/engine/margin-service.ts';
import { type StatusChange, StatusWatch } from '../../../gateway/engine/status-watch.ts';
import { VenueDataStore } from '../../../gateway/engine/venue-data-store.ts';
import { findModule } from '../../../risk/modules/registry.ts';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import { until } from '../../helpers/until.ts';
import { MARKETS, NOW_MS, refusedPrice, robustPrice, SERIES } from '../support/market.ts';

function setUp() {
  const prices = new Map([
    ['BTC-USD', robustPrice('BTC-USD', '60000')],
    ['ETH-USD', robustPrice('ETH-USD', '3000')],
    ['USDC-USD', robustPrice('USDC-USD', '1')],
  ]);
  const view = { feedIds: [...prices.keys()], price: (id: string) => prices.get(id)! };
  const clock = { nowMs: () => NOW_MS };
  const module = findModule('standard', '1.0.0');
  const model = {
    module,
    parameters: module.parseParameters({ buffered: false }),
    parametersHash: 'of this test',
  };
  const margin = new MarginService({
    configuration: { listing: new Listing(MARKETS, SERIES), model: () => model },
    prices: view,
    store: { views: new Map(), buffers: new Map() },
    venues: new VenueDataStore(),
    history: () => null,
    clock,
    validForMs: 10_000,
  });
  const told: StatusChange[] = [];
  let margined = 0;
  const watch = new StatusWatch({
    inputs: (protocol, portfolio) => {
      margined += 1;
      return margin.inputs(protocol, portfolio);
    },
    prices: view,
    clock,
    tell: (change) => told.push(change),
    warn: (error) => {
      throw error;
    },
  });
  const hold = (accountId: string, cash: string, btc: string, eth = '0', sequence = 1n) => {
    const perp = (market: string, size: string, entryPrice: string) => ({
      kind: 'perp' as const,
      id: market,
      market,
      sizeWad: wadFromDecimal(size),
      entryPriceWad: wadFromDecimal(entryPrice),
      unsettledFundingWad: 0n,
      chain: null,
    });
    const positions = [perp('BTC-PERP', btc, '60000'), perp('ETH-PERP', eth, '3000')];
    const portfolio = {
      accountId,
      cashWad: wadFromDecimal(cash),
      positions: positions.filter(({ sizeWad }) => sizeWad !== 0n),
    };
    watch.set({ protocol: 'alpha', accountId, sequence, portfolio });
    return portfolio;
  };
  const settled = () => until('every book to be margined', async () => watch.waiting === 0);
  const tick = async (feedId: string, price: string) => {
    prices.set(feedId, robustPrice(feedId, price));
    watch.feedsChanged([feedId]);
    // A machine under load decides later what it cannot decide within the tick.
    await settled();
  };
  const said = () =>
    told.splice(0).map(({ accountId, previousStatus, result }) => [accountId, previousStatus, result.status]);
  const exact = (portfolio: ReturnType<typeof hold>) => margin.evaluate('alpha', portfolio).result;
  return { watch, prices, hold, settled, tick, said, exact, margined: () => margined };
}

describe('the status watch', () => {
  test('tells what a tick changed, and margins nobody else', async () => {
    const { hold, settled, tick, said, margined } = setUp();
    // 5 % of the price maintain one bitcoin: 4,000 of cash last down to 58,947.37.
    hold('near', '4000', '1');
    hold('far', '400000', '1');
    hold('other', '4000', '0', '1');
    await settled();
    await tick('BTC-USD', '58948');
    expect(said()).toEqual([['near', 'warned', 'margin-call']]);
    const before = margined();
    await tick('BTC-USD', '58947');
    expect(said()).toEqual([['near', 'margin-call', 'liquidatable']]);
    expect(margined() - before).toBe(1);
    await tick('BTC-USD', '58948');
    expect(said()).toEqual([['near', 'liquidatable', 'margin-call']]);
  });

  test('says of every account what its exact margin says, whatever path prices take', async () => {
    const { hold, settled, tick, said, exact } = setUp();
    const books = new Map(
      Array.from({ length: 60 }, (_, k) => {
        const size = k % 2 === 0 ? '1' : '-1';
        return [`a${k}`, hold(`a${k}`, String(2500 + 90 * k), size, String((k % 7) - 3))] as const;
      }),
    );
    await settled();
    const status = new Map<string, string>([...books].map(([id, book]) => [id, exact(book).status]));
    let changes = 0;
    for (let step = 1; step <= 80; step += 1) {
      const [feed, base] = step % 3 === 0 ? ['ETH-USD', 3000] : ['BTC-USD', 60_000];
      const price = base as number;
      await tick(feed as string, String(Math.round(price * (1 + 0.04 * Math.sin(step * 0.7)))));
      for (const [id, from, to] of said()) {
        expect(from).toBe(status.get(id!));
        status.set(id!, to!);
        changes += 1;
      }
      for (const [id, book] of books) expect([id, status.get(id)]).toEqual([id, exact(book).status]);
    }
    expect(changes).toBeGreaterThan(100);
  });

  test('takes a newer book and not an older one', async () => {
    const { hold, settled, tick, said } = setUp();
    hold('near', '4000', '1', '0', 2n);
    hold('near', '400000', '1', '0', 1n);
    await settled();
    await tick('BTC-USD', '58947');
    expect(said()).toHaveLength(1);
    hold('near', '400000', '1', '0', 3n);
    await settled();
    expect(said()).toEqual([['near', 'liquidatable', 'healthy']]);
    await tick('BTC-USD', '58000');
    expect(said()).toEqual([]);
  });

  test('a price that may no longer be used makes its holders unknown, and one that may again what they are', async () => {
    const { prices, watch, hold, settled, tick, said } = setUp();
    hold('near', '4000', '1');
    await settled();
    prices.set('BTC-USD', refusedPrice('BTC-USD', '60000'));
    watch.feedsChanged(['BTC-USD']);
    await settled();
    expect(said()).toEqual([['near', 'warned', 'unknown']]);
    await tick('BTC-USD', '60000');
    await settled();
    expect(said()).toEqual([['near', 'unknown', 'warned']]);
  });
});
