import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildSlot, type PublishedPrice } from '../../../gateway/demo/hermes/accumulator.ts';
import { createDevelopmentSigner } from '../../../gateway/demo/hermes/signer.ts';
import { PythUpdateError } from '../../../oracles/pyth/errors.ts';
import { createUpdateVerifier, verifyUpdate, verifyUpdateDetailed } from '../../../oracles/pyth/verify.ts';

const signer = createDevelopmentSigner({ seed: 'test' });

const priceArb: fc.Arbitrary<PublishedPrice> = fc.record({
  priceId: fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as const),
  price: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  conf: fc.bigInt(0n, 2n ** 64n - 1n),
  expo: fc.integer({ min: -18, max: 18 }),
  publishTimeSeconds: fc.integer({ min: 0, max: 4_000_000_000 }),
  prevPublishTimeSeconds: fc.integer({ min: 0, max: 4_000_000_000 }),
  emaPrice: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  emaConf: fc.bigInt(0n, 2n ** 64n - 1n),
});

function refusal(bytes: Uint8Array): unknown {
  try {
    verifyUpdate(bytes, [signer.signerSet]);
  } catch (error) {
    return error;
  }
  return null;
}

describe('updates of a generated 3-of-5 set', () => {
  it('come back exactly as published, any subset of a slot', () => {
    fc.assert(
      fc.property(
        fc.array(priceArb, { minLength: 1, maxLength: 9 }),
        fc.nat(),
        fc.bigInt(0n, 2n ** 40n),
        (prices, pick, slot) => {
          const accumulator = buildSlot(signer, slot, prices);
          const indices = prices
            .map((_, index) => index)
            .filter((index) => index === pick % prices.length || index % 2 === 0);
          const verified = verifyUpdate(accumulator.encode(indices), [signer.signerSet]);
          expect(verified).toEqual(
            indices.map((index) => ({ ...prices[index], slot, signerSetIndex: 0, signers: 3 })),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are refused with a typed error when any one byte differs', () => {
    const price = fc.sample(priceArb, { numRuns: 3, seed: 7 });
    const bytes = buildSlot(signer, 77n, price).encode([0, 2]);
    const wrong: number[] = [];
    bytes.forEach((original, position) => {
      const mutated = bytes.slice();
      mutated[position] = original ^ (1 << (position % 8));
      if (!(refusal(mutated) instanceof PythUpdateError)) wrong.push(position);
    });
    expect(wrong).toEqual([]);
    expect(bytes.length).toBeGreaterThan(500);
  });

  it('are refused with a typed error for any value of any byte, any cut and any tail', () => {
    const price = fc.sample(priceArb, { numRuns: 2, seed: 8 });
    const bytes = buildSlot(signer, 78n, price).encode([1]);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (position, delta) => {
        const mutated = bytes.slice();
        mutated[position] = (mutated[position]! + delta) % 256;
        expect(refusal(mutated)).toBeInstanceOf(PythUpdateError);
        expect(refusal(bytes.slice(0, position))).toBeInstanceOf(PythUpdateError);
        expect(refusal(Uint8Array.of(...bytes, delta))).toBeInstanceOf(PythUpdateError);
      }),
      { numRuns: 150 },
    );
  });

  it('are judged by a verifier that remembers as by one that does not, genuine or not', () => {
    const sets = [signer.signerSet];
    const outcome = (verify: () => unknown) => {
      try {
        return verify();
      } catch (error) {
        return { refused: (error as PythUpdateError).type, details: (error as PythUpdateError).details };
      }
    };
    const slots = [5n, 6n].map((slot) =>
      buildSlot(signer, slot, fc.sample(priceArb, { numRuns: 9, seed: 9 })),
    );
    const remembering = createUpdateVerifier(sets);
    const step = fc.record({
      slot: fc.nat({ max: 1 }),
      indices: fc.uniqueArray(fc.nat({ max: 8 }), { minLength: 1 }),
      position: fc.option(fc.nat(), { freq: 2 }),
    });
    const refused = new Set<string>();
    fc.assert(
      fc.property(step, ({ slot, indices, position }) => {
        const bytes = slots[slot]!.encode(indices).slice();
        if (position !== null) bytes[position % bytes.length]! ^= 1;
        const found = outcome(() => remembering(bytes));
        expect(found).toEqual(outcome(() => verifyUpdateDetailed(bytes, sets)));
        if (typeof found === 'object' && found !== null && 'refused' in found)
          refused.add(String(found.refused));
      }),
      { numRuns: 250 },
    );
    expect(refused).toContain('pyth-merkle-proof');
  });

  it('never throw anything else on noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        expect(refusal(noise)).toBeInstanceOf(PythUpdateError);
        expect(refusal(Uint8Array.of(0x50, 0x4e, 0x41, 0x55, 1, 0, 0, 0, ...noise))).toBeInstanceOf(
          PythUpdateError,
        );
      }),
      { numRuns: 300 },
    );
  });
});
