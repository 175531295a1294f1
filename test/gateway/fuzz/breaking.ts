import fc from 'fast-check';

/** Anything that JSON can carry where a value should be. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    ...[null, true, -1, 1.5, 1e308, '', 'NaN', '1e400', '0x1', [], {}, '\u0000', '9'.repeat(600)],
    ...["'; drop table audit_log; --", '../..', '__proto__', 'constructor', { $wad: '1' }, [[[[[]]]]]],
  ),
);

export const strange = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('%00', "'--", '__proto__', 'x'.repeat(500), '-1', '1e9', '0'),
);

/** A value with one place of it, however deep, exchanged for something else, left out or added to. */
export function broken(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.tuple(value, fc.nat(), fc.nat(2), junk).map(([whole, at, how, other]) => {
    const copy = structuredClone(whole);
    const places: [Record<string | number, unknown>, string | number][] = [];
    const visit = (node: unknown) => {
      if (typeof node !== 'object' || node === null) return;
      const target = node as Record<string | number, unknown>;
      if (!Array.isArray(node)) places.push([target, 'extra']);
      for (const key of Object.keys(node)) {
        places.push([target, key]);
        visit(target[key]);
      }
    };
    visit(copy);
    const place = places[at % Math.max(places.length, 1)];
    if (place === undefined) return other;
    const [target, key] = place;
    if (how === 0 && key !== 'extra' && !Array.isArray(target)) delete target[key];
    else target[key] = other;
    return copy;
  });
}
