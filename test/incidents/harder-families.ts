import { CLASS_LIMITS } from '../../oracles/config/classes.ts';
import type { WrittenQuote } from './case.ts';
import { MARKET_FAMILIES } from './families.ts';
import { base, type Family } from './liars.ts';
import { SOURCE_FAMILIES } from './source-families.ts';
import { before, calm, type Draw, decimal, honest, source } from './variations.ts';
import { careful, IN_BAND, liquidates, OUTVOTED, works } from './wanted.ts';

/** One wrong source of any of the known kinds, in a group of its own. */
const FAULTS: readonly ((draw: Draw, level: number, index: number) => WrittenQuote)[] = [
  (draw, level, index) => source(draw, index, level * draw.log(1.3, 1e6), { kind: 'custom' }),
  (draw, level, index) => source(draw, index, level / draw.log(1.3, 1e6), { kind: 'cex' }),
  (draw, level, index) => source(draw, index, level * 1.02, { kind: 'dex-spot' }),
  (draw, level, index) => source(draw, index, level * 3, { kind: 'dex-twap', twapWindowSeconds: 60 }),
  (draw, level, index) =>
    source(draw, index, level * 1.4, { kind: 'cex', liquidityUsd: draw.whole(1000, 900_000) }),
  (draw, level, index) => source(draw, index, level, { kind: 'pyth', confidence: decimal(level * 0.5) }),
  (draw, level, index) => source(draw, index, level * 0.8, { kind: 'pyth', publishTime: draw.now - 5000 }),
  (draw, level, index) => source(draw, index, level, { kind: 'custom', publishTime: draw.now + 4000 }),
  (draw, level, index) =>
    source(draw, index, level * 1000, { kind: 'custom', unit: { quote: 'QUOTE', scale: 1000 } }),
  (draw, level, index) =>
    source(draw, index, level * 1.2, {
      kind: 'chainlink',
      bounds: { min: decimal(level * 1.2), max: null },
    }),
];

/** The same mechanisms nearer to the limits, several at once, and averages that lag by their nature. */
export const HARDER_FAMILIES: Readonly<Record<string, Family>> = {
  'control-at-the-edges'(draw) {
    const { assetClass, level } = base(draw);
    const quotes = honest(draw, assetClass, level, draw.whole(3, 9), { confidence: decimal(level * 0.003) });
    const edge = () => draw.pick([0.991, 1.009]);
    const context = {
      lastGood: { price: decimal(level * edge()), time: draw.now - draw.whole(1, 900_000) },
      ema1h: decimal(level * edge()),
      sequencer: { up: true, sinceSeconds: draw.whole(7200, 1e7) },
      otherChains: [
        {
          chain: 'l2',
          source: 'there',
          price: decimal(level * draw.uniform(0.997, 1.003)),
          publishTime: draw.now - 100,
        },
      ],
    };
    const exchangeRateAnchor = {
      price: decimal(level * draw.uniform(0.997, 1)),
      time: draw.now - draw.whole(0, 864_000),
      maxYearlyGrowth: 0.1,
    };
    const anchored = assetClass === 'lst' ? { ...context, exchangeRateAnchor } : context;
    return { assetClass, level, quotes, context: anchored, expect: { ...IN_BAND } };
  },

  'liar-just-beyond-the-limit'(draw) {
    const { assetClass, level } = base(draw);
    const away = (CLASS_LIMITS[assetClass].maxDeviationBps / 10_000) * draw.uniform(1.7, 4);
    const quotes = [
      source(draw, 90, level * (draw.chance(0.5) ? 1 + away : 1 / (1 + away)), { kind: 'custom' }),
      ...honest(draw, assetClass, level, draw.whole(3, 6)),
    ];
    return { assetClass, level, quotes, context: calm(draw, level), expect: works(...OUTVOTED) };
  },

  'liar-just-within-the-limit'(draw) {
    const { assetClass, level } = base(draw);
    const away = (CLASS_LIMITS[assetClass].maxDeviationBps / 10_000) * draw.uniform(0.5, 0.95);
    const quotes = [
      source(draw, 90, level * (draw.chance(0.5) ? 1 + away : 1 - away), { kind: 'custom' }),
      ...honest(draw, assetClass, level, draw.whole(3, 6)),
    ];
    return { assetClass, level, quotes, context: calm(draw, level), expect: works() };
  },

  'liars-that-agree-with-each-other'(draw) {
    const { assetClass, level } = base(draw);
    const bad = draw.whole(1, 3);
    const lie = level * (draw.chance(0.5) ? draw.uniform(1.1, 3) : draw.uniform(0.3, 0.9));
    const deep = draw.chance(0.3) ? 50_000_000 : null;
    const quotes = [
      ...Array.from({ length: bad }, (_, index) =>
        source(draw, 90 + index, lie * draw.uniform(0.999, 1.001), {
          kind: 'custom',
          liquidityUsd: bad === 1 ? deep : null,
        }),
      ),
      ...honest(draw, assetClass, level, Math.max(3, bad + draw.whole(1, 3))),
    ];
    return { assetClass, level, quotes, context: calm(draw, level), expect: works(...OUTVOTED) };
  },

  'many-faults-at-once'(draw) {
    const { assetClass, level } = base(draw);
    const good = draw.whole(3, 5);
    const bad = Array.from({ length: draw.whole(1, good - 1) }, (_, index) =>
      draw.pick(FAULTS)(draw, level, 60 + index),
    );
    const quotes = [...bad, ...honest(draw, assetClass, level, good)];
    return { assetClass, level, quotes, context: calm(draw, level), expect: works() };
  },

  'crash-with-averages-that-lag'(draw) {
    const level = draw.level('major');
    const fallen = level * draw.uniform(0.6, 0.88);
    const lagging = Array.from({ length: draw.whole(1, 2) }, (_, index) =>
      source(draw, 70 + index, level + (fallen - level) * draw.uniform(0, 0.3), { kind: 'dex-twap' }),
    );
    const quotes = [
      ...lagging,
      ...honest(draw, 'major', fallen, draw.whole(3, 5), { kind: draw.pick(['cex', 'custom', 'chainlink']) }),
    ];
    const context = before(draw, level, fallen, draw.uniform(3, 20));
    return { assetClass: 'major', level: fallen, quotes, context, expect: liquidates() };
  },

  'averages-that-outvote-markets'(draw) {
    const level = draw.level('major');
    const fallen = level * draw.uniform(0.6, 0.88);
    const shown = level + (fallen - level) * draw.uniform(0, 0.3);
    const lagging = Array.from({ length: 3 }, (_, index) =>
      source(draw, 70 + index, shown * draw.uniform(0.998, 1.002), { kind: 'dex-twap' }),
    );
    const quotes = [...lagging, ...honest(draw, 'major', fallen, 2, { kind: 'cex' })];
    const context = before(draw, level, fallen, draw.uniform(3, 20));
    return { assetClass: 'major', level: fallen, quotes, context, expect: careful(null, null) };
  },

  'markets-that-lie-against-averages'(draw) {
    const { assetClass, level } = base(draw);
    const { maxDeviationBps } = CLASS_LIMITS[assetClass];
    const down = draw.chance(0.5);
    const away = (maxDeviationBps / 10_000) * draw.uniform(1.6, 6);
    const lie = level * (down ? 1 - away : 1 + away);
    const liars = [0, 1].map((index) =>
      source(draw, 90 + index, lie * draw.uniform(0.9995, 1.0005), {
        kind: draw.pick(['cex', 'custom', 'pyth']),
      }),
    );
    const quotes = [
      ...liars,
      ...honest(draw, assetClass, level, draw.whole(1, 2), { kind: 'dex-twap', confidence: null }),
    ];
    // The average lies on the far side, so that the honest averages look as if they were under way.
    const ema = level * (down ? draw.uniform(1, 1.0095) : draw.uniform(0.9905, 1));
    const context = { ...calm(draw, level), ema1h: decimal(ema) };
    // Two of three groups agree and are wrong: nobody could say so; of four, two are no majority.
    const fair = quotes.length > 3 ? careful(false, false) : careful(null, null);
    return {
      assetClass,
      level,
      quotes:
        quotes.length > 3
          ? quotes
          : [...quotes, ...honest(draw, assetClass, level, 1, { group: 'one more' })],
      context,
      expect: fair,
    };
  },

  'small-token-that-two-deep-venues-show'(draw) {
    const level = draw.level('longtail');
    const moved = level * (draw.chance(0.5) ? draw.uniform(0.4, 0.8) : draw.uniform(1.25, 3));
    const quotes = [
      ...honest(draw, 'longtail', moved, 2, { kind: 'cex' }),
      ...[7, 8].slice(0, draw.whole(1, 2)).map((index) =>
        source(draw, index, moved * draw.uniform(0.995, 1.005), {
          kind: draw.pick(['chainlink', 'pyth', 'custom']),
        }),
      ),
    ];
    const context = before(draw, level, moved, draw.uniform(2, 60));
    return { assetClass: 'longtail', level: moved, quotes, context, expect: liquidates() };
  },

  'half-of-them-slow'(draw) {
    const level = draw.level('major');
    const fallen = level * draw.uniform(0.6, 0.88);
    const count = draw.whole(2, 4);
    const slow = honest(draw, 'major', level, count, {
      kind: 'chainlink',
      heartbeatSeconds: 3600,
      publishTime: draw.now - 3000,
    });
    const fast = honest(draw, 'major', fallen, count, { kind: 'cex' });
    const quotes = [...slow.map((quote) => ({ ...quote, group: `slow ${quote.group}` })), ...fast];
    const context = before(draw, level, fallen, draw.uniform(3, 30));
    return { assetClass: 'major', level: fallen, quotes, context, expect: careful(null, null) };
  },

  'other-chain-wrong-itself'(draw) {
    const { assetClass, level } = base(draw);
    const quotes = honest(draw, assetClass, level, draw.whole(3, 6));
    const otherChains = [
      {
        chain: 'l2',
        source: 'there',
        price: decimal(level * draw.uniform(1.06, 2)),
        publishTime: draw.now - 60,
      },
    ];
    const expect = careful(null, null, 'chain-skew');
    return { assetClass, level, quotes, context: { ...calm(draw, level), otherChains }, expect };
  },
};

export const ALL_FAMILIES = { ...MARKET_FAMILIES, ...SOURCE_FAMILIES, ...HARDER_FAMILIES };
