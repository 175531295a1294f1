import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkJson } from '../../../gateway/json/check.ts';

const LOOSE = { maxDepth: 1000, maxItems: 1_000_000 };

const accepts = (read: () => unknown) => {
  try {
    read();
    return true;
  } catch {
    return false;
  }
};

/** JSON with a few characters exchanged, dropped or inserted: mostly broken, sometimes still valid. */
const damaged = fc
  .tuple(
    fc.json({ maxDepth: 4 }),
    fc.nat(),
    fc.constantFrom('', '"', '{', '}', '[', ',', ':', '0', '-', 'e', '\\', '\n', '\u0001', 'n'),
  )
  .map(([text, at, insert]) => {
    const place = text.length === 0 ? 0 : at % text.length;
    return text.slice(0, place) + insert + text.slice(place + (at % 2));
  });

test('accepts what JSON.parse accepts, and nothing else (repeated keys, __proto__, NUL and halves of characters apart)', () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.oneof(fc.json({ maxDepth: 5 }), damaged, fc.string()), (text) => {
      const native = accepts(() => JSON.parse(text));
      const ours = accepts(() => checkJson(text, LOOSE));
      if (!native) {
        refused += 1;
        expect(ours).toBe(false);
      } else if (!ours)
        expect(() => checkJson(text, LOOSE)).toThrow(/appears twice|not a permitted name|U\+0000|surrogate/);
    }),
    { numRuns: 2000, seed: 7 },
  );
  expect(refused).toBeGreaterThan(200);
});
