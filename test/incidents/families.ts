import { base, type Family, readers, wrong } from './liars.ts';
import { before, calm, decimal, honest, source } from './variations.ts';
import { careful, IN_BAND, liquidates, none, OUTVOTED, works } from './wanted.ts';

/**
 * Mechanisms of the known incidents with everything else drawn: level, magnitude, number and kinds of sources, ages,
 * depth, memory. The expectation follows the README of the incidents vectors, from what is honest in the case alone.
 */
export const MARKET_FAMILIES: Readonly<Record<string, Family>> = {
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
};
