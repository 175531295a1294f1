import { base, type Family, leg, readers, wrong } from './liars.ts';
import { calm, decimal, honest, source } from './variations.ts';
import { careful, liquidates, none, OUTVOTED, works } from './wanted.ts';

/** Faults of a single source, among honest ones and alone, and of what an aggregator is told beside them. */
export const SOURCE_FAMILIES: Readonly<Record<string, Family>> = {
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
