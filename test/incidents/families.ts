import type { AssetClass } from '../../oracles/config/classes.ts';
import type { WrittenQuote } from './case.ts';
import { before, calm, type Draw, decimal, honest, type Made, source } from './variations.ts';
import { careful, IN_BAND, liquidates, none, OUTVOTED, works } from './wanted.ts';

/** A number that is wrong by more than any market of the class moves. */
const wrong = (draw: Draw, level: number, least = 0.3): number => {
  const factor = 1 + draw.log(least, draw.pick([1, 100, 1e6]));
  return draw.chance(0.5) ? level * factor : level / factor;
};
/** The same number under one to four names of one group. */
const readers = (draw: Draw, price: number, over: Partial<WrittenQuote>): WrittenQuote[] =>
  Array.from({ length: draw.whole(1, 4) }, (_, index) =>
    source(draw, 90 + index, price * draw.uniform(0.9995, 1.0005), { group: 'liar', ...over }),
  );
const leg = (draw: Draw, ageSeconds: number, price: number) => ({
  source: 'leg',
  base: 'BASE',
  quote: 'QUOTE',
  op: 'mul' as const,
  price: decimal(price),
  publishTime: draw.now - ageSeconds,
});

export type Family = (draw: Draw) => Made;
const base = (draw: Draw, of?: readonly AssetClass[]) => {
  const assetClass = draw.class(of);
  return { assetClass, level: draw.level(assetClass) };
};

/**
 * Mechanisms of the known incidents with everything else drawn: level, magnitude, number and kinds of sources, ages,
 * depth, memory. The expectation follows the README of the incidents vectors, from what is honest in the case alone.
 */
export const FAMILIES: Readonly<Record<string, Family>> = {
  control(draw) {
    const { assetClass, level } = base(draw);
    const quotes = honest(draw, assetClass, level, draw.whole(3, 7));
    return { assetClass, level, quotes, context: calm(draw, level), expect: { ...IN_BAND } };
  },

  'liar-against-three'(draw) {
    const { assetClass, level } = base(draw);
    const quotes = [
      ...readers(draw, wrong(draw, level), { kind: draw.pick(['custom', 'chainlink', 'cex']) }),
      ...honest(draw, assetClass, level, draw.whole(3, 6)),
    ];
    return { assetClass, level, quotes, context: calm(draw, level), expect: works(...OUTVOTED) };
  },

  'liar-against-two'(draw) {
    const { assetClass, level } = base(draw);
    const quotes = [
      ...readers(draw, wrong(draw, level), { kind: 'custom' }),
      ...honest(draw, assetClass, level, 2),
    ];
    const context = draw.chance(0.5) ? calm(draw, level) : {};
    return { assetClass, level, quotes, context, expect: careful(null, null, ...OUTVOTED, 'quorum') };
  },

  'two-that-disagree'(draw) {
    const { assetClass, level } = base(draw);
    const quotes = [
      source(draw, 0, level, { kind: 'custom' }),
      source(draw, 1, wrong(draw, level), { kind: draw.pick(['custom', 'chainlink']) }),
    ];
    return { assetClass, level, quotes, context: {}, expect: none('disagreement') };
  },

  'lone-liar-with-history'(draw) {
    const { assetClass, level } = base(draw);
    const quotes = readers(draw, wrong(draw, level), { kind: draw.pick(['custom', 'chainlink', 'cex']) });
    const expect = none('jump', 'deviation', 'quorum', 'liquidity');
    return { assetClass, level, quotes, context: calm(draw, level), expect };
  },

  'thin-market-pushed'(draw) {
    const level = draw.level('longtail');
    const pushed = level * (1 + draw.log(0.4, 50));
    const depth = Math.round(draw.log(20_000, 900_000));
    const known = draw.chance(0.5);
    const quotes = Array.from({ length: draw.whole(3, 6) }, (_, index) =>
      source(draw, index, pushed * draw.uniform(0.99, 1.01), {
        kind: draw.pick(['cex', 'custom', 'pyth']),
        liquidityUsd: known ? depth : null,
      }),
    );
    const context = before(draw, level, pushed, draw.uniform(1, 15));
    const expect = careful(false, null, 'jump', 'liquidity', 'deviation');
    return { assetClass: 'longtail', level, quotes, context, expect };
  },

  'honest-crash'(draw) {
    const level = draw.level('major');
    const fallen = level * draw.uniform(0.5, 0.9);
    const quotes = honest(draw, 'major', fallen, draw.whole(3, 6), {
      kind: draw.pick(['cex', 'custom', 'chainlink']),
    });
    if (draw.chance(0.5))
      quotes.push(
        source(draw, 80, level, { kind: 'custom', publishTime: draw.now - 3300, heartbeatSeconds: 3600 }),
      );
    const context = before(draw, level, fallen, draw.uniform(2, 60));
    return { assetClass: 'major', level: fallen, quotes, context, expect: liquidates() };
  },

  'honest-rally'(draw) {
    const level = draw.level('major');
    const risen = level * draw.uniform(1.1, 1.8);
    const quotes = honest(draw, 'major', risen, draw.whole(3, 6));
    const context = before(draw, level, risen, draw.uniform(2, 60));
    return { assetClass: 'major', level: risen, quotes, context, expect: liquidates() };
  },

  'depeg-that-deep-venues-show'(draw) {
    const assetClass = draw.pick(['stable', 'lst'] as const);
    const level = assetClass === 'stable' ? 1 : draw.uniform(1, 1.3);
    const fallen = level * draw.uniform(0.8, 0.96);
    const quotes = honest(draw, assetClass, fallen, draw.whole(3, 6), { kind: 'cex' });
    const context = before(draw, level, fallen, draw.uniform(2, 60));
    const exchangeRateAnchor = { price: decimal(level), time: draw.now - 86_400, maxYearlyGrowth: '0.08' };
    const anchored = assetClass === 'lst' && draw.chance(0.5) ? { ...context, exchangeRateAnchor } : context;
    return { assetClass, level: fallen, quotes, context: anchored, expect: liquidates() };
  },

  'small-token-that-deep-venues-show'(draw) {
    const level = draw.level('longtail');
    const moved = level * (draw.chance(0.5) ? draw.uniform(0.4, 0.8) : draw.uniform(1.25, 3));
    const quotes = honest(draw, 'longtail', moved, draw.whole(3, 6), { kind: 'cex' });
    const context = before(draw, level, moved, draw.uniform(2, 60));
    return { assetClass: 'longtail', level: moved, quotes, context, expect: liquidates() };
  },

  'fast-against-slow'(draw) {
    const level = draw.level('major');
    const fallen = level * draw.uniform(0.6, 0.88);
    const slow = draw.whole(2, 3);
    const quotes = [
      ...Array.from({ length: slow }, (_, index) =>
        source(draw, 70 + index, level * draw.uniform(0.995, 1.005), {
          kind: draw.pick(['custom', 'chainlink']),
          heartbeatSeconds: 3600,
          publishTime: draw.now - draw.whole(2000, 3500),
        }),
      ),
      ...honest(draw, 'major', fallen, 2, { kind: 'cex' }),
    ];
    const context = before(draw, level, fallen, draw.uniform(5, 30));
    return { assetClass: 'major', level: fallen, quotes, context, expect: careful(null, null) };
  },

  'stuck-at-its-bound'(draw) {
    const floor = draw.log(0.001, 100);
    const level = floor * draw.uniform(0.05, 0.9);
    const bounds = { min: decimal(floor), max: decimal(floor * 1e6) };
    const quotes = [
      ...readers(draw, 1, { kind: 'chainlink', price: decimal(floor), heartbeatSeconds: 3600, bounds }),
      ...honest(draw, 'major', level, draw.pick([0, 1, 2]), { kind: 'cex' }),
    ];
    const context = before(draw, floor * 1.2, level, draw.uniform(30, 200));
    const expect = careful(false, null, 'near-bound', 'bounds');
    return { assetClass: 'major', level, quotes, context, expect };
  },

  'old-prices-only'(draw) {
    const { assetClass, level } = base(draw);
    const quotes = honest(draw, assetClass, level * draw.uniform(1.1, 1.5), draw.whole(1, 5)).map(
      (quote) => ({
        ...quote,
        publishTime: draw.now - Math.ceil((quote.heartbeatSeconds ?? 3600) * draw.uniform(1.05, 50)),
      }),
    );
    return { assetClass, level, quotes, context: {}, expect: none('staleness') };
  },

  'old-price-among-fresh'(draw) {
    const { assetClass, level } = base(draw);
    const old = source(draw, 60, level * draw.uniform(0.7, 1.4), { kind: 'pyth' });
    const quotes = [
      { ...old, publishTime: draw.now - draw.whole(90, 40_000) },
      ...honest(draw, assetClass, level, draw.whole(3, 6)),
    ];
    return { assetClass, level, quotes, context: calm(draw, level), expect: liquidates('staleness') };
  },

  'spot-pool-among-others'(draw) {
    const { assetClass, level } = base(draw);
    const quotes = [
      ...readers(draw, wrong(draw, level, 0.02), { kind: 'dex-spot' }),
      ...honest(draw, assetClass, level, draw.whole(3, 6)),
    ];
    return { assetClass, level, quotes, context: calm(draw, level), expect: works('spot-source') };
  },

  'spot-pool-alone'(draw) {
    const { assetClass, level } = base(draw);
    const quotes = readers(draw, wrong(draw, level, 0.02), { kind: 'dex-spot' });
    const context = draw.chance(0.5) ? calm(draw, level) : {};
    return { assetClass, level, quotes, context, expect: none('spot-source') };
  },

  'short-average-alone'(draw) {
    const { assetClass, level } = base(draw);
    const over = { kind: 'dex-twap' as const, twapWindowSeconds: draw.whole(1, 1500) };
    const quotes = readers(draw, wrong(draw, level, 0.05), over);
    return { assetClass, level, quotes, context: calm(draw, level), expect: none('window') };
  },

  'average-that-hides-a-jump'(draw) {
    const { assetClass, level } = base(draw);
    const top = level * draw.uniform(2, 60);
    const price = (level * 0.9 + top * 0.1) * draw.uniform(0.99, 1.01);
    const samples = [level, level, top].map((value, index) => ({
      time: draw.now - 1800 + index * 900,
      price: decimal(value),
      liquidityUsd: null,
    }));
    const over = { kind: 'dex-twap' as const, twapWindowSeconds: 1800, samples };
    const quotes = [...readers(draw, price, over), ...honest(draw, assetClass, level, draw.pick([0, 3, 4]))];
    const expect = quotes.some(({ group }) => group !== 'liar')
      ? works('window', ...OUTVOTED)
      : none('window');
    return { assetClass, level, quotes, context: calm(draw, level), expect };
  },

  'unsure-source'(draw) {
    const { assetClass, level } = base(draw);
    const price = wrong(draw, level, 0.2);
    const over = { kind: 'pyth' as const, confidence: decimal(price * draw.uniform(0.08, 2)) };
    const quotes = [...readers(draw, price, over), ...honest(draw, assetClass, level, draw.pick([0, 3, 5]))];
    const expect = quotes.some(({ group }) => group !== 'liar') ? works('confidence') : none('confidence');
    return { assetClass, level, quotes, context: calm(draw, level), expect };
  },

  'limit-of-a-rate-below-the-market'(draw) {
    const level = draw.level('lst');
    const below = level * draw.uniform(0.93, 0.985);
    const quotes = honest(draw, 'lst', level, draw.whole(3, 6));
    const exchangeRateAnchor = {
      price: decimal(below),
      time: draw.now - draw.whole(3600, 864_000),
      maxYearlyGrowth: 0.05,
    };
    const context = { ...calm(draw, level), exchangeRateAnchor };
    const expect = careful(null, false, 'growth-cap', 'anchor');
    return { assetClass: 'lst', level, quotes, context, expect };
  },

  'rate-inflated'(draw) {
    const level = draw.level('lst');
    const inflated = level * (1 + draw.log(0.05, 100));
    const quotes = [
      ...readers(draw, inflated, { kind: 'exchange-rate', heartbeatSeconds: 86_400 }),
      ...honest(draw, 'lst', level, draw.pick([0, 3, 4])),
    ];
    const exchangeRateAnchor = { price: decimal(level), time: draw.now - 86_400, maxYearlyGrowth: '0.10' };
    const context = { ...calm(draw, level), exchangeRateAnchor };
    const alone = quotes.every(({ group }) => group === 'liar');
    const expect = alone
      ? careful(false, false, 'growth-cap', 'jump', 'anchor')
      : works('growth-cap', 'anchor', ...OUTVOTED);
    return { assetClass: 'lst', level, quotes, context, expect };
  },

  'leg-that-stands-still'(draw) {
    const level = draw.level('lst');
    const price = level * (draw.chance(0.5) ? draw.uniform(0.9, 0.97) : draw.uniform(1.03, 1.1));
    const skew = draw.whole(240, 3000);
    const over = {
      kind: 'pyth' as const,
      heartbeatSeconds: 3600,
      publishTime: draw.now - skew,
      legs: [leg(draw, 1, level), leg(draw, skew, 1)],
    };
    const quotes = [...readers(draw, price, over), ...honest(draw, 'lst', level, draw.pick([0, 3, 4]))];
    const alone = quotes.every(({ group }) => group === 'liar');
    const expect = alone ? none('leg-skew') : works('leg-skew');
    return { assetClass: 'lst', level, quotes, context: alone ? {} : calm(draw, level), expect };
  },

  'sequencer-down-or-just-back'(draw) {
    const { assetClass, level } = base(draw);
    const quotes = honest(draw, assetClass, level, draw.whole(2, 5));
    const up = draw.chance(0.5);
    const sequencer = { up, sinceSeconds: draw.whole(1, 3500) };
    const expect = careful(false, false, 'sequencer');
    return { assetClass, level, quotes, context: { ...calm(draw, level), sequencer }, expect };
  },

  'wrong-scale'(draw) {
    const { assetClass, level } = base(draw);
    const scale = 10 ** draw.pick([-8, -3, 3, 6, 10]);
    const over = { kind: 'custom' as const, unit: { quote: 'QUOTE', scale } };
    const quotes = [
      ...readers(draw, level * scale, over),
      ...honest(draw, assetClass, level, draw.pick([0, 3, 4])),
    ];
    const expect = quotes.some(({ group }) => group !== 'liar') ? works('unit') : none('unit');
    return { assetClass, level, quotes, context: calm(draw, level), expect };
  },

  'wrong-quote-asset'(draw) {
    const { assetClass, level } = base(draw);
    const over = { kind: 'chainlink' as const, unit: { quote: 'ETH', scale: 1 } };
    const quotes = [
      ...readers(draw, level * draw.log(0.0001, 0.5), over),
      ...honest(draw, assetClass, level, draw.pick([0, 3, 4])),
    ];
    const expect = quotes.some(({ group }) => group !== 'liar') ? works('unit') : none('unit');
    return { assetClass, level, quotes, context: calm(draw, level), expect };
  },

  'other-chain-disagrees'(draw) {
    const { assetClass, level } = base(draw, ['stable', 'lst', 'fx']);
    const price = level * (1 + draw.log(0.02, 0.2));
    const quotes = readers(draw, price, { kind: 'chainlink', heartbeatSeconds: 86_400 });
    const otherChains = [
      {
        chain: 'ethereum',
        source: 'the same there',
        price: decimal(level),
        publishTime: draw.now - draw.whole(10, 3000),
      },
    ];
    const expect = careful(false, false, 'chain-skew', 'jump', 'quorum', 'deviation');
    return { assetClass, level, quotes, context: { ...calm(draw, level), otherChains }, expect };
  },

  'from-the-future'(draw) {
    const { assetClass, level } = base(draw);
    const over = { kind: 'custom' as const, publishTime: draw.now + draw.whole(60, 90_000) };
    const quotes = [
      ...readers(draw, wrong(draw, level), over),
      ...honest(draw, assetClass, level, draw.pick([0, 3])),
    ];
    const expect = quotes.some(({ group }) => group !== 'liar') ? works('future') : none('future');
    return { assetClass, level, quotes, context: calm(draw, level), expect };
  },
};
