import { concatHex, type Hex, keccak256, numberToHex, pad, stringToHex } from 'viem';
import type { Attestation } from '../../../chains/contracts/attestation.ts';

/** EIP-712 without a library for it: every word by hand, after the standard. */
export function spelledOutDigest(a: Attestation): Hex {
  const text = (value: string) => keccak256(stringToHex(value));
  const word = (value: bigint) => numberToHex(value, { size: 32 });
  const domain = keccak256(
    concatHex([
      text('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'),
      text('Breakwater RiskAttestationVerifier'),
      text('1'),
      word(a.chainId),
      pad(a.verifier),
    ]),
  );
  const type =
    'Attestation(uint256 chainId,address verifier,address consumer,bytes32 account,string kind,bytes data,' +
    'uint64 asOf,uint64 validFrom,uint64 validUntil,uint256 nonce)';
  const struct = keccak256(
    concatHex([
      text(type),
      word(a.chainId),
      pad(a.verifier),
      pad(a.consumer),
      a.account,
      text(a.kind),
      keccak256(a.data),
      word(a.asOf),
      word(a.validFrom),
      word(a.validUntil),
      word(a.nonce),
    ]),
  );
  return keccak256(concatHex(['0x1901', domain, struct]));
}
