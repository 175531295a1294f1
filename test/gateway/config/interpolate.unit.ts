import { expect, it } from 'vitest';
import { interpolateEnvironment } from '../../../gateway/config/interpolate.ts';

it('replaces references inside strings, at any depth, and leaves other values alone', () => {
  const { value, missing } = interpolateEnvironment(
    { url: 'https://rpc/${KEY}/v1', list: [{ proxy: '${PROXY}' }, 5, null, true] },
    { KEY: 'abc', PROXY: '0x01' },
  );
  expect(missing).toEqual([]);
  expect(value).toEqual({ url: 'https://rpc/abc/v1', list: [{ proxy: '0x01' }, 5, null, true] });
});

it('reports every unset or empty variable with its path', () => {
  const { missing } = interpolateEnvironment({ a: '${ONE}', b: ['${TWO}-${ONE}'] }, { TWO: '' });
  expect(missing).toEqual([
    { path: ['a'], name: 'ONE' },
    { path: ['b', 0], name: 'TWO' },
    { path: ['b', 0], name: 'ONE' },
  ]);
});

it('does not interpret what it inserted, and ignores lower-case and malformed references', () => {
  const { value, missing } = interpolateEnvironment(
    { a: '${ONE}', b: '${lower} $TWO ${}' },
    { ONE: '${TWO}', TWO: 'x' },
  );
  expect(value).toEqual({ a: '${TWO}', b: '${lower} $TWO ${}' });
  expect(missing).toEqual([]);
});
