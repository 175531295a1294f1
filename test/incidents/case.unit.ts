import { describe, expect, it } from 'vitest';
import { CasesError, parseCases } from './case.ts';
import { ours } from './ours.ts';

const QUOTE = { kind: 'cex', group: 'a', price: '100', publishTime: 1000 };
const CASE = {
  id: 'first',
  feed: { base: 'A', quote: 'USD', class: 'major' },
  now: 1010,
  quotes: [QUOTE, { ...QUOTE, group: 'b' }, { ...QUOTE, group: 'c' }],
  truth: { low: '99', high: '101' },
  expect: { price: 'in-band' },
};

function problems(value: unknown): string {
  try {
    parseCases(typeof value === 'string' ? value : JSON.stringify(value), 'cases.json');
  } catch (error) {
    expect(error).toBeInstanceOf(CasesError);
    return (error as Error).message;
  }
  return 'none';
}

describe('a cases file', () => {
  it('may leave out what is not known, and hold fields that nobody asked for', () => {
    const [read] = parseCases(JSON.stringify([{ ...CASE, source: 'https://example.org', note: 1 }]), 'f');
    expect(read).toMatchObject({
      incident: '',
      context: { lastGood: null },
      expect: { open: null, reasonAny: [] },
    });
    expect(ours(read!).usable).toEqual({ open: true, margin: true, liquidate: true });
    expect('note' in read!).toBe(false);
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '[{', 'cases.json is not JSON'],
    ['no array', { cases: [] }, 'is not an array of cases'],
    [
      'a price that is no decimal',
      [{ ...CASE, quotes: [{ ...QUOTE, price: 1e2 }] }],
      '[0] (first).quotes[0].price',
    ],
    [
      'an unknown kind',
      [CASE, { ...CASE, quotes: [{ ...QUOTE, kind: 'rumour' }] }],
      '[1] (first).quotes[0].kind',
    ],
    ['an unknown class', [{ ...CASE, feed: { ...CASE.feed, class: 'meme' } }], '[0] (first).feed.class'],
    ['no truth', [{ ...CASE, truth: undefined }], '[0] (first).truth'],
    ['a truth upside down', [{ ...CASE, truth: { low: '2', high: '1' } }], 'low is above high'],
    ['no id', [{ ...CASE, id: undefined }], '[0].id'],
  ])('names what is wrong: %s', (_, value, message) => {
    expect(problems(value)).toContain(message);
  });

  it('without any source, or with prices that are none, is answered and not thrown', () => {
    const odd = ['0', '-5', '0.00000000000000000000001', '9'.repeat(30)].map((price) => [
      { ...QUOTE, price },
    ]);
    const [none, ...rest] = parseCases(
      JSON.stringify([[], ...odd].map((quotes) => ({ ...CASE, quotes }))),
      'f',
    );
    expect(ours(none!).reasons).toEqual(['quorum']);
    for (const one of rest) expect(ours(one).usable.margin).toBe(false);
  });
});
