import { type Hex, recoverTypedDataAddress, type TypedDataDefinition } from 'viem';

/** Half the order of secp256k1: contracts refuse signatures above it, which are the malleable twins. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/**
 * Who signed the typed data (EIP-712), in lower case, or why nobody did. What is not a plain 65-byte signature in its
 * lower form is refused, as on chain.
 */
export async function recoverSigner(
  typedData: TypedDataDefinition,
  signature: string,
): Promise<{ readonly signer: string } | { readonly refusal: string }> {
  if (!/^0x[0-9a-f]{130}$/i.test(signature)) return { refusal: 'must be 65 bytes in hex' };
  if (BigInt(`0x${signature.slice(66, 130)}`) > HALF_ORDER) {
    return { refusal: 'has its s in the upper half of the curve order' };
  }
  try {
    const signer = await recoverTypedDataAddress({ ...typedData, signature: signature as Hex });
    return { signer: signer.toLowerCase() };
  } catch {
    return { refusal: 'is not a signature on the curve' };
  }
}
