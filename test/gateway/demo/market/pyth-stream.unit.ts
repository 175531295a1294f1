import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../gateway/demo/market/random.ts';
import type { MarketTick } from '../../../../gateway/demo/market/source.ts';
import { PythStream } from '../../../../gateway/demo/market/sources/pyth-stream.ts';

function tick(timeMs: number, venues: readonly number[], annualVolatility = 0.5): MarketTick {
  const asset = { price: venues[0]!, venues, annualVolatility };
  return {
    timeMs,
    assets: { BTC: asset, ETH: asset, SOL: asset, USDC: asset },
    regime: 'normal',
    finished: false,
  };
}
const btc = (stream: PythStream, at: MarketTick) => stream.publish(at).find(({ asset }) => asset === 'BTC')!;

describe('PythStream', () => {
  it('is close to the median of the venues, as wide as they scatter', () => {
    const price = btc(new PythStream(createRandom(1, 'pyth')), tick(0, [99, 100, 100, 100.5, 103]));
    expect(Math.abs(price.price / 100 - 1)).toBeLessThan(2e-4);
    expect(price.confidence).toBe(2);
  });

  it('is never narrower than the volatility of the moment says', () => {
    const price = btc(new PythStream(createRandom(1, 'pyth')), tick(0, [100, 100, 100], 2));
    expect(price.confidence / price.price).toBeCloseTo(2e-4 * 2, 9);
  });

  it('has moving averages that halve their distance in an hour', () => {
    const stream = new PythStream(createRandom(1, 'pyth'));
    const first = btc(stream, tick(0, [100, 100, 100]));
    expect(first.emaPrice).toBe(first.price);
    const later = btc(stream, tick(3_600_000, [110, 110, 110]));
    expect(later.emaPrice).toBeCloseTo((first.price + later.price) / 2, 9);
    expect(later.emaConfidence).toBeCloseTo((first.confidence + later.confidence) / 2, 9);
  });
});
