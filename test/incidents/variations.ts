import { createRandom } from '../../gateway/demo/market/random.ts';
import { ASSET_CLASSES, type AssetClass } from '../../oracles/config/classes.ts';
import type { WrittenCase, WrittenQuote } from './case.ts';

/** Honest sources of a class lie this far apart at most, and the truth reaches this far around their middle. */
const SPREAD: Readonly<Record<AssetClass, number>> = {
  major: 0.005,
  stable: 0.003,
  lst: 0.005,
  longtail: 0.02,
  fx: 0.003,
};
const TRUTH = 1.2;

/** Draws from one seed; what a case needs and nothing of its answer. */
export class Draw {
  readonly now: number;
  private readonly random: ReturnType<typeof createRandom>;

  constructor(seed: number, name: string) {
    this.random = createRandom(seed, name);
    this.now = 1_600_000_000 + Math.floor(this.uniform(0, 200_000_000));
  }

  uniform(low: number, high: number): number {
    return low + (high - low) * this.random.uniform();
  }

  whole(low: number, high: number): number {
    return Math.min(high, Math.floor(this.uniform(low, high + 1)));
  }

  log(low: number, high: number): number {
    return Math.exp(this.uniform(Math.log(low), Math.log(high)));
  }

  pick<T>(items: readonly T[]): T {
    return items[this.whole(0, items.length - 1)]!;
  }

  chance(share: number): boolean {
    return this.uniform(0, 1) < share;
  }

  /** A level that fits the class. */
  level(assetClass: AssetClass): number {
    if (assetClass === 'stable') return this.uniform(0.99, 1.01);
    if (assetClass === 'fx') return this.log(0.0007, 1.5);
    if (assetClass === 'lst') return this.chance(0.5) ? this.uniform(1, 6) : this.log(20, 5000);
    return assetClass === 'major' ? this.log(0.1, 100_000) : this.log(1e-5, 100);
  }

  class(of: readonly AssetClass[] = ASSET_CLASSES): AssetClass {
    return this.pick(of);
  }
}

export const decimal = (value: number): string => {
  const digits = Math.min(60, Math.max(2, 12 - Math.floor(Math.log10(Math.abs(value)))));
  return value.toFixed(digits);
};

type Over = Partial<WrittenQuote>;

/** One source of any kind that says `price`; what `over` gives wins. */
export function source(draw: Draw, index: number, price: number, over: Over = {}): WrittenQuote {
  const kind = over.kind ?? draw.pick(['cex', 'cex', 'dex-twap', 'chainlink', 'pyth', 'custom'] as const);
  const depth = Math.round(draw.log(2_100_000, 100_000_000));
  const heartbeatSeconds =
    { pyth: 60, cex: 60, 'dex-spot': 60, 'dex-twap': 600 }[kind as string] ?? draw.pick([3600, 86_400]);
  const pool = kind === 'dex-twap';
  return {
    source: `${kind} ${index}`,
    kind,
    group: `group-${index}`,
    price: decimal(price),
    confidence: kind === 'pyth' ? decimal(price * draw.uniform(0.0001, 0.002)) : null,
    publishTime: draw.now - Math.floor(draw.uniform(0, 0.6) * heartbeatSeconds),
    heartbeatSeconds,
    twapWindowSeconds: pool ? draw.pick([1800, 3600, 7200]) : null,
    liquidityUsd: pool || kind === 'cex' || kind === 'dex-spot' ? depth : null,
    ...over,
  };
}

/** `count` honest groups around `level`, within the spread of the class. */
export function honest(
  draw: Draw,
  assetClass: AssetClass,
  level: number,
  count: number,
  over: Over = {},
): WrittenQuote[] {
  return Array.from({ length: count }, (_, index) => {
    const away = draw.uniform(-0.5, 0.5) * SPREAD[assetClass];
    return source(draw, index, level * (1 + away), over);
  });
}

/** Calm memory: last good price and average within 1 % of the level. */
export function calm(draw: Draw, level: number): WrittenCase['context'] {
  return {
    lastGood: { price: decimal(level * draw.uniform(0.995, 1.005)), time: draw.now - draw.whole(60, 40_000) },
    ema1h: decimal(level * draw.uniform(0.996, 1.004)),
  };
}

/** Memory from before a move that is `minutes` old: the average has come some of the way. */
export function before(draw: Draw, level: number, to: number, minutes: number): WrittenCase['context'] {
  const share = 1 - Math.exp(-minutes / 60);
  return {
    lastGood: {
      price: decimal(level * draw.uniform(0.998, 1.002)),
      time: draw.now - Math.round(minutes * 60) - draw.whole(1, 300),
    },
    ema1h: decimal(level + (to - level) * share),
  };
}

export interface Made {
  readonly assetClass: AssetClass;
  readonly level: number;
  readonly quotes: readonly WrittenQuote[];
  readonly context: WrittenCase['context'];
  readonly expect: WrittenCase['expect'];
}

/** A whole case; the truth is the honest spread around the level, with some room. */
export function written(
  draw: Draw,
  id: string,
  { assetClass, level, quotes, context, expect }: Made,
): WrittenCase {
  const reach = SPREAD[assetClass] * TRUTH;
  return {
    id,
    incident: id.replace(/-\d+$/, ''),
    feed: { base: 'BASE', quote: 'QUOTE', class: assetClass },
    now: draw.now,
    quotes: [...quotes],
    context,
    truth: { low: decimal(level * (1 - reach)), high: decimal(level * (1 + reach)) },
    expect,
  };
}
