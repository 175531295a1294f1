import { describe, expect, it } from 'vitest';
import { buildSlot, type PublishedPrice } from '../../../gateway/demo/hermes/accumulator.ts';
import { createDevelopmentSigner, type DevelopmentSigner } from '../../../gateway/demo/hermes/signer.ts';
import type { SignerSet } from '../../../oracles/config/feeds.ts';
import { MAX_UPDATE_BYTES } from '../../../oracles/pyth/accumulator.ts';
import { verifyUpdate } from '../../../oracles/pyth/verify.ts';
import type { BreakwaterError } from '../../../risk/errors.ts';

const signer = createDevelopmentSigner({ seed: 'test' });
const price: PublishedPrice = {
  priceId: `0x${'ab'.repeat(32)}`,
  price: 6_400_012_345_678n,
  conf: 1_234_567n,
  expo: -8,
  publishTimeSeconds: 1_760_000_000,
  prevPublishTimeSeconds: 1_759_999_999,
  emaPrice: 6_399_000_000_000n,
  emaConf: 1_300_000n,
};
const signedBy = (by: DevelopmentSigner, prices = [price]) => buildSlot(by, 9n, prices).encode([0]);
const withSignatures = (
  change: (list: ReturnType<DevelopmentSigner['sign']>) => ReturnType<DevelopmentSigner['sign']>,
) => signedBy({ ...signer, sign: (digest) => change(signer.sign(digest)) });

function typeOf(bytes: Uint8Array, sets: readonly SignerSet[] = [signer.signerSet]): string {
  try {
    verifyUpdate(bytes, sets);
    return 'accepted';
  } catch (error) {
    return (error as BreakwaterError).type;
  }
}

describe('what an update is refused for', () => {
  it('accepts the genuine one, and derives the same signers from the same seed', () => {
    expect(typeOf(signedBy(signer))).toBe('accepted');
    expect(createDevelopmentSigner({ seed: 'test' }).signerSet).toEqual(signer.signerSet);
    expect(signer.signerSet.addresses.length).toBe(5);
    expect(signer.signerSet.quorum).toBe(3);
  });

  it.each<[string, Uint8Array]>([
    ['pyth-signature-quorum', withSignatures((list) => list.slice(0, 2))],
    ['pyth-signer-order', withSignatures((list) => [list[0]!, list[0]!, list[0]!])],
    ['pyth-signer-order', withSignatures((list) => [list[1]!, list[0]!, list[2]!])],
    ['pyth-unknown-signer', withSignatures((list) => [list[0]!, list[1]!, { ...list[2]!, index: 5 }])],
    ['pyth-bad-signature', withSignatures((list) => [list[0]!, list[1]!, { ...list[2]!, index: 4 }])],
    ['pyth-bad-signature', withSignatures((list) => [list[0]!, list[1]!, { ...list[2]!, recoveryId: 2 }])],
    [
      'pyth-bad-signature',
      withSignatures((list) => [list[0]!, list[1]!, { ...list[2]!, compact: new Uint8Array(64) }]),
    ],
    ['pyth-bad-signature', signedBy(createDevelopmentSigner({ seed: 'somebody else' }))],
    ['pyth-unknown-signer-set', signedBy(createDevelopmentSigner({ seed: 'test', index: 1 }))],
    [
      'pyth-wrong-emitter',
      signedBy({
        ...signer,
        signerSet: { ...signer.signerSet, emitter: { ...signer.signerSet.emitter, chain: 1 } },
      }),
    ],
    ['pyth-update-too-large', new Uint8Array(MAX_UPDATE_BYTES + 1)],
    ['pyth-update-truncated', signedBy(signer).slice(0, -1)],
    ['pyth-update-trailing-bytes', Uint8Array.of(...signedBy(signer), 0)],
    ['pyth-update-unsupported', Uint8Array.of(...new TextEncoder().encode('PNAX'), 1, 0, 0, 0)],
    ['pyth-malformed-message', signedBy(signer, [{ ...price, expo: -19 }])],
    ['pyth-malformed-message', signedBy(signer, [{ ...price, publishTimeSeconds: -1 }])],
  ])('%s (%#)', (type, bytes) => {
    expect(typeOf(bytes)).toBe(type);
  });

  it('refuses a signer set that cannot verify', () => {
    const { addresses } = signer.signerSet;
    const twice = [
      addresses[0]!,
      addresses[1]!,
      addresses[1]!.toUpperCase().replace('0X', '0x') as `0x${string}`,
    ];
    expect(typeOf(signedBy(signer), [{ ...signer.signerSet, addresses: twice }])).toBe(
      'pyth-invalid-signer-set',
    );
    expect(typeOf(signedBy(signer), [{ ...signer.signerSet, quorum: 6 }])).toBe('pyth-invalid-signer-set');
    expect(typeOf(signedBy(signer), [])).toBe('pyth-unknown-signer-set');
  });

  it('takes the quorum from the set', () => {
    expect(typeOf(signedBy(signer), [{ ...signer.signerSet, quorum: 4 }])).toBe('pyth-signature-quorum');
    expect(typeOf(signedBy(signer), [{ ...signer.signerSet, quorum: 2 }])).toBe('accepted');
  });
});
