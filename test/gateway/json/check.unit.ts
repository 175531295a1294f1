import { describe, expect, test } from 'vitest';
import { checkJson } from '../../../gateway/json/check.ts';
import { MalformedJsonError } from '../../../gateway/json/errors.ts';
import { fieldPath } from '../../../gateway/json/path.ts';

const LIMITS = { maxDepth: 4, maxItems: 5 };

function fault(text: string) {
  try {
    checkJson(text, LIMITS);
  } catch (error) {
    if (error instanceof MalformedJsonError) return error.issues[0];
    throw error;
  }
  return null;
}

describe('checkJson', () => {
  test.each([
    '0',
    ' "text" ',
    '{"a":[1,2,{"b":null}],"c":-1.5e-3}',
    '[]',
    '{}',
    '{"a":{"x":1},"b":{"x":1}}',
    '"\\u00e9\\n\\""',
    '"\\ud83d\\ude00"',
  ])('accepts %s', (text) => expect(fault(text)).toBeNull());

  test.each([
    ['{"x":["a\\u0000b"]}', 'x[0]', 'must not hold U+0000 (line 1, column 17)'],
    ['{"a":"\\ud800"}', 'a', 'must not hold half of a surrogate pair (line 1, column 14)'],
    ['{"a":1,"a":2}', 'a', 'appears twice in one object'],
    ['{"a":1,"\\u0061":2}', 'a', 'appears twice in one object'],
    ['{"x":[{"a":1},{"b":1,"b":1}]}', 'x[1].b', 'appears twice in one object'],
    ['{"__proto__":{"isAdmin":true}}', '__proto__', 'is not a permitted name'],
    ['{"x":{"\\u005f_proto__":1}}', 'x.__proto__', 'is not a permitted name'],
    ['[[[[[]]]]]', '[0][0][0][0]', 'is nested deeper than 4 levels (line 1, column 5)'],
    ['[1,2,3,4,5,6]', 'body', 'must have at most 5 items'],
    ['', 'body', 'ends where a JSON value is expected (line 1, column 1)'],
    ['{"a":1', 'body', "ends where ',' or '}' is expected (line 1, column 7)"],
    ['{"a":\n  nope}', 'a', 'must have a JSON value here (line 2, column 3)'],
    ['{"a":1}x', 'body', 'has text after its end (line 1, column 8)'],
    ['{"a":NaN}', 'a', 'must have a JSON value here (line 1, column 6)'],
    ['{"a":01}', 'body', "must have ',' or '}' here (line 1, column 7)"],
    ["{'a':1}", 'body', 'must have a member name here (line 1, column 2)'],
    ['{"a":1,}', 'body', 'must have a member name here (line 1, column 8)'],
    ['"a\nb"', 'body', 'must have the end of a string here (line 1, column 3)'],
    ['"\\x"', 'body', 'must have the end of a string here (line 1, column 2)'],
  ])('refuses %s', (text, field, message) => expect(fault(text)).toEqual({ field, message }));

  test('does not overflow on a million brackets', () => {
    expect(fault('['.repeat(1_000_000))?.message).toContain('nested deeper than 4 levels');
  });
});

test('paths read as people write them', () => {
  expect(fieldPath(['positions', 3, 'size'])).toBe('positions[3].size');
  expect(fieldPath([])).toBe('');
  expect(fieldPath(['x'.repeat(70)])).toBe(`${'x'.repeat(64)}...`);
});
