import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mockPythArtifact } from '../../../chains/devnet/artifacts.ts';
import type { InvalidInputError } from '../../../risk/errors.ts';
import { PRICES, readContract, START, startTestDevnet, type TestDevnet } from '../support/local-chains.ts';

let devnet: TestDevnet;
beforeAll(async () => {
  devnet = await startTestDevnet();
});
afterAll(() => devnet?.stop());

const { abi } = mockPythArtifact();
const price = (asset: string) =>
  readContract(devnet.l2, devnet.l2.pyth.contract, abi, 'getPriceUnsafe', [devnet.l2.pyth.priceIds[asset]!]);

describe("Pyth's contract on a local chain", () => {
  it('knows the ids of the real feeds', () => {
    // From Pyth's list of price feed ids.
    expect(devnet.hub.pyth.priceIds.BTC).toBe(
      '0xe62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43',
    );
    expect(Object.keys(devnet.hub.pyth.priceIds)).toEqual(Object.keys(PRICES));
  });

  it('holds pushed prices with exponent -8, confidence and publish time', async () => {
    await devnet.l2.step({
      timestampSeconds: START + 12,
      pyth: [
        { asset: 'SOL', price: 60.12345678, confidence: 0.03, publishTimeSeconds: START + 10 },
        { asset: 'USDC', price: 0.9999, confidence: 0.0001, publishTimeSeconds: START + 11 },
      ],
    });
    expect(await price('SOL')).toEqual({
      price: 6_012_345_678n,
      conf: 3_000_000n,
      expo: -8,
      publishTime: BigInt(START + 10),
    });
    expect(await price('USDC')).toMatchObject({ price: 99_990_000n, publishTime: BigInt(START + 11) });
    expect(await price('BTC')).toMatchObject({ price: 3_700_000_000_000n, publishTime: BigInt(START) });
  });

  it('ignores a price older than the one it holds, as the real contract does', async () => {
    await devnet.l2.step({
      timestampSeconds: START + 24,
      pyth: [{ asset: 'SOL', price: 1, confidence: 0, publishTimeSeconds: START + 9 }],
    });
    expect(await price('SOL')).toMatchObject({ price: 6_012_345_678n });
  });

  it('refuses a push that Pyth could not make', async () => {
    const push = { asset: 'SOL', price: 1, confidence: 0, publishTimeSeconds: START + 30 };
    const cases = [
      [{ ...push, asset: 'DOGE' }, 'pyth[0].asset'],
      [{ ...push, price: 0 }, 'pyth[0].price'],
      [{ ...push, confidence: -1 }, 'pyth[0].confidence'],
      [{ ...push, publishTimeSeconds: 1.5 }, 'pyth[0].publishTimeSeconds'],
    ] as const;
    for (const [input, field] of cases) {
      const error = await devnet.l2
        .step({ timestampSeconds: START + 36, pyth: [input] })
        .catch((caught: unknown) => caught);
      expect((error as InvalidInputError).issues[0]?.field).toBe(field);
    }
  });
});
