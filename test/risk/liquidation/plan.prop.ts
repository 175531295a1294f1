import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closablesOf, closed, PARTS } from '../../../risk/liquidation/close.ts';
import type { MarginQuestion } from '../../../risk/liquidation/liquidation-price.ts';
import { planPartialClose } from '../../../risk/liquidation/plan.ts';
import type { AnyMarket } from '../../../risk/modules/module.ts';
import { scenarioModuleV2, scenarioModuleV21 } from '../../../risk/modules/scenario/module.ts';
import { standardModule, standardModuleV11 } from '../../../risk/modules/standard/module.ts';
import type { AnyPortfolio } from '../../../risk/portfolio/portfolio.ts';
import { wadFromNumber } from '../../../risk/units/decimal.ts';
import { wadFromDecimal as wad, wadToFloat } from '../../../risk/units/wad.ts';
import { account, collateral, MARKETS, perp, price, snapshot, withPrice } from '../fixtures.ts';

type Question = Pick<MarginQuestion<never>, 'portfolio'> & MarginQuestion<unknown>;

/** The plan by definition: at every step each position is tried, the best gain per quote is closed. */
function bruteForce(question: Question, targetWad: bigint, costRate: number) {
  const { module, parameters, markets, market } = question;
  const netOf = (portfolio: AnyPortfolio) =>
    module.calculate(portfolio, markets, market, parameters).netInitialWad;
  const cost = wadFromNumber(costRate);
  const closes: { id: string; size: bigint }[] = [];
  let { portfolio } = question;
  while (netOf(portfolio) < targetWad) {
    const net = netOf(portfolio);
    const tried = closablesOf({ ...question, portfolio })
      .map((closable) => {
        const done = closed(portfolio, closable, PARTS, cost);
        const gain = netOf(done.portfolio) - net;
        const ratio = Number((Number(gain) / Number(closable.notionalWad)).toPrecision(9));
        return { closable, gain, ratio };
      })
      .filter(({ gain }) => gain > 0n)
      .sort((a, b) => b.ratio - a.ratio || (a.closable.position.id < b.closable.position.id ? -1 : 1));
    const best = tried[0];
    if (!best) return { closes, reached: false, netInitialWad: net };
    let parts = 1n;
    const enough = () => netOf(closed(portfolio, best.closable, parts, cost).portfolio) >= targetWad;
    if (net + best.gain < targetWad) parts = PARTS;
    else {
      let low = 0n;
      let high = PARTS;
      while (high - low > 1n) {
        parts = (low + high) / 2n;
        if (enough()) high = parts;
        else low = parts;
      }
      parts = high;
    }
    const done = closed(portfolio, best.closable, parts, cost);
    closes.push({ id: best.closable.position.id, size: done.close.sizeWad });
    ({ portfolio } = done);
  }
  return { closes, reached: true, netInitialWad: netOf(portfolio) };
}

const markets = new Map<string, AnyMarket>(MARKETS);
for (const asset of ['BTC', 'ETH']) {
  markets.set(`${asset}-INV`, {
    id: `${asset}-INV`,
    kind: 'perp',
    asset,
    feedId: `${asset}-USD`,
    settlement: 'coin',
  });
}
const PRICES = { BTC: 60_000, ETH: 2000, SOL: 150 } as const;

const positionArbitrary = fc.record({
  market: fc.constantFrom('BTC-PERP', 'ETH-PERP', 'SOL-PERP', 'BTC-INV', 'ETH-INV'),
  units: fc.integer({ min: -12, max: 12 }).filter((n) => n !== 0),
  move: fc.integer({ min: -20, max: 20 }),
});
const bookArbitrary = fc.record({
  cash: fc.integer({ min: -2000, max: 30_000 }),
  coins: fc.integer({ min: 0, max: 4 }),
  positions: fc.array(positionArbitrary, { minLength: 1, maxLength: 7 }),
});

function bookOf({ cash, coins, positions }: typeof bookArbitrary extends fc.Arbitrary<infer T> ? T : never) {
  const perps = positions.map(({ market, units, move }, i) => {
    const spot = PRICES[market.slice(0, 3) as keyof typeof PRICES];
    const size = market.endsWith('INV') ? units * 5000 : (units * 5000) / spot;
    const entry = spot * (1 + move / 100);
    return perp(`p${i}`, market, size.toFixed(6), entry.toFixed(2));
  });
  const held = coins === 0 ? [] : [collateral('c', 'ETH', `${coins}`)];
  return account(`${cash}`, ...perps, ...held);
}

describe('partial close against every candidate tried at every step', () => {
  const market = withPrice(snapshot(), price('SOL-USD', '150', { confidenceScore: 0.3 }));
  const standard = standardModule.parseParameters({
    buffered: false,
    assets: { ETH: { perp: { initial: 0.1, maintenance: 0.05 } } },
  });
  const scenario = scenarioModuleV2.parseParameters({ buffered: false });
  // shallow and thin, so that the charges on size matter
  const addOns = {
    liquidity: { depth: 100_000 },
    concentration: { dailyVolume: 300_000 },
    assets: { BTC: { depth: 200_000, dailyVolume: 400_000 } },
  };
  const steep = standardModuleV11.parseParameters({ buffered: false, addOns });
  const offset = scenarioModuleV21.parseParameters({ buffered: false, addOns });
  it.each([
    ['standard', { module: standardModule, parameters: standard }],
    ['scenario', { module: scenarioModuleV2, parameters: scenario }],
    ['standard with add-ons', { module: standardModuleV11, parameters: steep }],
    ['scenario with offsets and add-ons', { module: scenarioModuleV21, parameters: offset }],
  ])('%s: the same closes', (_, { module, parameters }) => {
    fc.assert(
      fc.property(bookArbitrary, fc.integer({ min: 0, max: 3000 }), (book, target) => {
        const question = {
          module,
          parameters,
          portfolio: bookOf(book),
          markets,
          market,
        } as never as Question;
        const plan = planPartialClose(question, wad(`${target}`), 0.0007);
        const brute = bruteForce(question, wad(`${target}`), 0.0007);
        expect(plan.reached).toBe(brute.reached);
        expect(plan.closes.map(({ positionId, sizeWad }) => ({ id: positionId, size: sizeWad }))).toEqual(
          brute.closes,
        );
        expect(plan.netInitialWad).toBe(brute.netInitialWad);
      }),
      { numRuns: module.id === 'standard' ? 120 : 60 },
    );
  });

  it('recalculates about once per close, whatever the number of markets', () => {
    const count = 60;
    const many = new Map<string, AnyMarket>();
    const prices = [];
    for (let i = 0; i < count; i++) {
      const id = `A${i}`;
      many.set(id, { id, kind: 'perp', asset: id, feedId: id });
      prices.push(price(id, `${10 + i}`));
    }
    let calls = 0;
    const counted: typeof standardModule = {
      ...standardModule,
      calculate: (...given) => {
        calls++;
        return standardModule.calculate(...given);
      },
    };
    const positions = [...many.keys()].map((id, i) => perp(`p${i}`, id, i % 2 === 0 ? '3' : '-3', '40'));
    const plan = planPartialClose(
      {
        module: counted,
        parameters: standardModule.parseParameters({ buffered: false }),
        portfolio: account('-100000', ...positions),
        markets: many,
        market: withPrice(snapshot(), ...prices),
      },
      0n,
      0.001,
    );
    expect(plan.reached).toBe(false);
    expect(plan.closes.length).toBe(count);
    expect(plan.after.positions).toEqual([]);
    expect(wadToFloat(plan.netInitialWad)).toBeLessThan(-90_000);
    expect(calls).toBeLessThanOrEqual(2 * count);
  });
});
