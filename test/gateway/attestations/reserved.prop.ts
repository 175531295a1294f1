import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Reservation } from '../../../db/queries/withdrawals.ts';
import { lessReserved, PUSH_GRACE_MS } from '../../../gateway/attestations/reserved.ts';
import type { OnChains } from '../../../gateway/venues/on-chains.ts';
import type { AnyPosition } from '../../../risk/portfolio/portfolio.ts';

const NOW = 1_700_000_000_000;
const [VENUE, OTHER] = [`0x${'aa'.repeat(20)}`, `0x${'bb'.repeat(20)}`] as const;
const collateral = (id: string, amountWad: bigint, chain: string | null): AnyPosition => ({
  kind: 'collateral',
  id,
  asset: 'ETH',
  amountWad,
  chain,
});
const POSITIONS = [
  collateral('@hub:venue:collateral:ETH', 100n, 'hub'),
  collateral('own', 40n, null),
  collateral('bridged', 30n, 'hub'),
  collateral('elsewhere', 50n, 'l2'),
];
const book = (sequence: bigint, readMs: number) => ({
  portfolio: { accountId: 'a', cashWad: 0n, positions: POSITIONS },
  onChains: {
    venues: [{ chain: 'hub', name: 'venue', address: VENUE.toUpperCase().replace('0X', '0x'), sequence }],
    blocks: [{ chain: 'hub', number: 1n, timeMs: readMs, books: { number: 1n, timeMs: readMs } }],
  } as unknown as OnChains,
});
const reserved = (over: Partial<Reservation>): Reservation => ({
  digest: '0x',
  protocol: 'p',
  account: 'a',
  chain: 'hub',
  consumer: VENUE,
  asset: 'ETH',
  amountWad: 60n,
  sequence: 5n,
  venue: 'venue',
  nonce: 1n,
  validUntilMs: NOW + 10_000,
  ...over,
});
const amounts = (list: readonly Reservation[], payer = {}, held = book(5n, NOW), nowMs = NOW) =>
  lessReserved(held, list, { chain: 'l2', consumer: OTHER, nonce: null, ...payer }, nowMs).positions.map(
    (position) => (position.kind === 'collateral' ? position.amountWad : null),
  );
const WHOLE = [100n, 40n, 30n, 50n];

describe('what signed withdrawals leave of a book', () => {
  test('is without that of a venue, until its book has another sequence or is read after it expired', () => {
    expect(amounts([reserved({})])).toEqual([40n, 40n, 30n, 50n]);
    expect(amounts([reserved({})], {}, book(6n, NOW))).toEqual(WHOLE);
    // Of a later book than was read: another gateway has read further.
    expect(amounts([reserved({})], {}, book(4n, NOW))).toEqual([40n, 40n, 30n, 50n]);
    const late = NOW + 60_000;
    expect(amounts([reserved({})], {}, book(5n, NOW + 10_000), late)).toEqual([40n, 40n, 30n, 50n]);
    expect(amounts([reserved({})], {}, book(5n, NOW + 10_001), late)).toEqual(WHOLE);
  });

  test('is once without those of which only one can be used, the largest', () => {
    const same = [reserved({ amountWad: 20n }), reserved({ amountWad: 60n, nonce: 2n })];
    expect(amounts(same)).toEqual([40n, 40n, 30n, 50n]);
    // For the venue itself its next one excludes them.
    expect(amounts(same, { chain: 'hub', consumer: VENUE })).toEqual(WHOLE);
    const pushed = { venue: null, consumer: OTHER, amountWad: 20n };
    const two = [reserved(pushed), reserved({ ...pushed, nonce: 2n })];
    // From the largest each time: 40 and 30, then 20 and 30.
    expect(amounts(two)).toEqual([100n, 20n, 10n, 50n]);
    expect(amounts([two[0]!, two[0]!])).toEqual([100n, 20n, 30n, 50n]);
    expect(amounts(two, { chain: 'hub', consumer: OTHER, nonce: 2n })).toEqual([100n, 20n, 30n, 50n]);
    expect(amounts(two, {}, book(9n, NOW), NOW + 10_000 + PUSH_GRACE_MS + 1)).toEqual(WHOLE);
  });

  test('never grows by another one, is never negative, and lacks no more than they allow', () => {
    const one = fc.record({
      amountWad: fc.bigInt({ min: 0n, max: 200n }),
      venue: fc.constantFrom('venue', null),
      chain: fc.constantFrom('hub', 'l2'),
      consumer: fc.constantFrom(VENUE, OTHER),
      asset: fc.constantFrom('ETH', 'BTC'),
      sequence: fc.bigInt({ min: 4n, max: 6n }),
      nonce: fc.bigInt({ min: 0n, max: 3n }),
      validUntilMs: fc.integer({ min: NOW - 100_000, max: NOW + 100_000 }),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 6 }), one, (list, more) => {
        const all = list.map((each) => reserved(each));
        const before = amounts(all) as bigint[];
        const after = amounts([...all, reserved(more)]) as bigint[];
        const sum = (each: readonly bigint[]) => each.reduce((total, amount) => total + amount, 0n);
        expect(sum(after)).toBeLessThanOrEqual(sum(before));
        for (const amount of after) expect(amount).toBeGreaterThanOrEqual(0n);
        const allowed = sum(all.map(({ amountWad }) => amountWad));
        expect(sum(WHOLE) - sum(before)).toBeLessThanOrEqual(allowed);
      }),
    );
  });
});
