import fc from 'fast-check';
import { expect, test } from 'vitest';
import { priceDto } from '../../../gateway/schemas/price.ts';
import { priceText } from '../../../gateway/schemas/price-text.ts';
import { NOW_MS, robustPrice } from '../support/market.ts';

test('the prepared text is that of the data at every moment, current and past its time', () => {
  const prices = [
    robustPrice('BTC-USD', '60000'),
    robustPrice('ETH-USD', '3000.5'),
    { ...robustPrice('USDC-USD', '1'), market: null },
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...prices),
      fc.integer({ min: -5000, max: 30_000 }),
      fc.constantFrom(10_000, 5000),
      (price, afterMs, validForMs) => {
        const nowMs = NOW_MS + afterMs;
        expect(priceText(price, nowMs, validForMs)).toBe(JSON.stringify(priceDto(price, nowMs, validForMs)));
      },
    ),
    { numRuns: 500, seed: 3 },
  );
});
