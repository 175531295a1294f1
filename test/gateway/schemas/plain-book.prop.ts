import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkJson } from '../../../gateway/json/check.ts';
import { plainBook } from '../../../gateway/schemas/plain-book.ts';
import { MAX_POSITIONS, simulateBody } from '../../../gateway/schemas/positions.ts';

const LIMITS = { maxDepth: 16, maxItems: MAX_POSITIONS };
/** What the ordinary way makes of a body; null when it refuses it. */
function bySchema(text: string) {
  try {
    checkJson(text, LIMITS);
    return simulateBody.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

const digits = fc.stringMatching(/^\d{1,31}$/);
const amount = fc.oneof(
  fc.constantFrom('0', '-0', '1', '-1.5', '00', '0.0', '1.', '.5', '+1', '1e3', '', ' 1', '1\n'),
  fc
    .tuple(fc.constantFrom('', '-'), digits, fc.option(fc.stringMatching(/^\d{1,19}$/)))
    .map(([sign, whole, part]) => `${sign}${whole}${part === null ? '' : `.${part}`}`),
  fc.constantFrom(1, null, true, [], {}),
);
const id = fc.oneof(fc.stringMatching(/^[a-c]$/), fc.string({ maxLength: 130 }), fc.constant(1));
const name = fc.oneof(
  fc.constantFrom('BTC-PERP', 'ETH', 'ETH-SPOT'),
  fc.string({ maxLength: 66 }),
  fc.constant(null),
);
const chain = fc.oneof(fc.constantFrom(null, 'hub', 'l2', '', 'HUB', 'a"b'), fc.string({ maxLength: 34 }));
const sound = fc.record({
  id: fc.uuid(),
  size: fc.constantFrom('1', '-2.5'),
  price: fc.constantFrom('1', '60000.25'),
});
const soundPosition = sound.chain(({ id: own, size, price }) =>
  fc.constantFrom<object>(
    { kind: 'perp', id: own, market: 'BTC-PERP', size, entryPrice: price },
    {
      kind: 'perp',
      id: own,
      market: 'BTC-PERP',
      size,
      entryPrice: price,
      unsettledFunding: size,
      chain: 'hub',
    },
    { chain: null, amount: price, asset: 'ETH', id: own, kind: 'collateral' },
    { kind: 'loan', id: own, market: 'ETH-SPOT', amount: price },
  ),
);
const anyPosition = fc.oneof(
  fc.record(
    {
      kind: fc.constantFrom('perp', 'collateral', 'loan', 'option', 'future', 'toString', 1),
      id,
      market: name,
      asset: name,
      size: amount,
      entryPrice: amount,
      amount,
      unsettledFunding: amount,
      chain,
      more: fc.constant('x'),
    },
    { requiredKeys: ['kind'] },
  ),
  fc.anything(),
);

describe('a plain book', () => {
  test('is read as the schema reads it, whatever its numbers, and never null', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('0', '-12.75', '1'.repeat(30)),
        fc.array(soundPosition),
        (cash, positions) => {
          fc.pre(new Set(positions.map((each) => (each as { id: string }).id)).size === positions.length);
          const text = JSON.stringify({ cash, positions });
          const read = plainBook(text);
          expect(read).not.toBeNull();
          expect(read).toEqual(bySchema(text));
        },
      ),
    );
  });

  test('is never one that the ordinary way would refuse or read otherwise', () => {
    const position = fc.oneof({ weight: 3, arbitrary: soundPosition }, { weight: 1, arbitrary: anyPosition });
    const mutated = fc
      .tuple(
        soundPosition,
        fc.constantFrom('id', 'size', 'amount', 'entryPrice', 'chain', 'market', 'asset', 'kind'),
        fc.oneof(amount, id, chain),
      )
      .map(([one, key, value]) => ({ ...one, [key]: value }));
    const list = fc.array(fc.oneof(position, mutated), { maxLength: 4 });
    fc.assert(
      fc.property(fc.oneof(fc.constant('1'), amount), fc.oneof(list, fc.anything()), (cash, positions) => {
        const text = JSON.stringify({ cash, positions });
        const read = plainBook(text);
        if (read !== null) expect(read).toEqual(bySchema(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('is never a text in which something was put in or taken out, where the ordinary way differs', () => {
    const inserted = fc.constantFrom(
      '"',
      '\\',
      '\\"',
      '"cash":"1",',
      '"id":"a",',
      '"__proto__":{},',
      ',',
      '{',
      '}',
      ' ',
      '\t',
      '\u0000',
      '0',
    );
    fc.assert(
      fc.property(
        fc.array(soundPosition, { maxLength: 3 }),
        inserted,
        fc.nat(),
        fc.nat(2),
        (positions, more, at, less) => {
          const text = JSON.stringify({ cash: '1', positions });
          const place = at % text.length;
          const changed = text.slice(0, place) + more + text.slice(place + less);
          const read = plainBook(changed);
          if (read !== null) expect(read).toEqual(bySchema(changed));
        },
      ),
      { numRuns: 3000 },
    );
  });

  test.each(['"cash":"2",', '"positions":[],', '"cash":"1",'])('has no member twice: %s', (member) => {
    expect(plainBook(`{${member}"cash":"1","positions":[]}`)).toBeNull();
  });
});
