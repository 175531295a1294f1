import { describe, expect, test } from 'vitest';
import { boundIssues, leavesOf } from '../../../gateway/governance/bounds.ts';
import { mergePatch } from '../../../gateway/governance/merge-patch.ts';

const BEFORE = { perp: { initial: 0.1, maintenance: 0.05 }, assets: { BTC: { rate: 0.2 } }, on: true };
const changed = (patch: object) => mergePatch(BEFORE, patch);
const fields = (patch: object, bounds: Parameters<typeof boundIssues>[2]) =>
  boundIssues(BEFORE, changed(patch), bounds).map(({ field, message }) => `${field} ${message}`);

describe('bounds', () => {
  test('without any, the module decides alone', () => {
    expect(fields({ perp: { initial: 0.9 } }, {})).toEqual([]);
  });

  test('hold every number that changes, and let nothing else change', () => {
    const bounds = { 'perp.initial': { min: 0.08, max: 0.15 } };
    expect(fields({ perp: { initial: 0.15 } }, bounds)).toEqual([]);
    expect(fields({ perp: { initial: 0.1501 } }, bounds)).toEqual([
      'parameters.perp.initial must be at most 0.15',
    ]);
    expect(fields({ perp: { initial: 0.07 } }, bounds)).toEqual([
      'parameters.perp.initial must be at least 0.08',
    ]);
    expect(fields({ perp: { maintenance: 0.06 } }, bounds)).toEqual([
      'parameters.perp.maintenance no bound of the policy lets it change',
    ]);
    expect(fields({ on: false, assets: { BTC: null } }, bounds)).toHaveLength(3);
  });

  test('of a relative change are of the value before, exactly', () => {
    const bounds = { '**': { maxRelativeChange: 0.5 } };
    expect(fields({ perp: { initial: 0.15 } }, bounds)).toEqual([]);
    expect(fields({ perp: { initial: 0.05 } }, bounds)).toEqual([]);
    expect(fields({ perp: { initial: 0.1500001 } }, bounds)).toEqual([
      'parameters.perp.initial may change by at most 50 % of 0.1',
    ]);
    expect(fields({ on: false }, bounds)).toEqual([]);
  });

  test('name one part with *, and all that match must hold', () => {
    const bounds = { 'assets.*.rate': { max: 0.3 }, '**': { maxRelativeChange: 0.1 } };
    expect(fields({ assets: { BTC: { rate: 0.31 } } }, bounds)).toHaveLength(2);
    expect(fields({ assets: { ETH: { rate: 0.3 } } }, bounds)).toEqual([]);
    expect(fields({ assets: { ETH: { rate: 0.4 } } }, bounds)).toEqual([
      'parameters.assets.ETH.rate must be at most 0.3',
    ]);
  });

  test('see every leaf, empty ones too', () => {
    expect([...leavesOf({ a: { b: [1, { c: 2 }] }, d: {}, e: null })]).toEqual([
      ['a.b.0', 1],
      ['a.b.1.c', 2],
      ['d', {}],
      ['e', null],
    ]);
  });
});

/** Examples of RFC 7396, appendix A. */
describe('merge patch', () => {
  test.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });

  test('takes keys that reach into prototypes as keys', () => {
    const merged = mergePatch({}, JSON.parse('{"__proto__": {"polluted": 1}}')) as object;
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(Object.keys(merged)).toEqual(['__proto__']);
  });
});
