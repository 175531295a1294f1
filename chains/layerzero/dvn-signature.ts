import { type Address, concatHex, encodePacked, type Hex, keccak256, type LocalAccount } from 'viem';

/** An instruction that a DVN's signers authorise: to call `target` with `callData` before `expiration`. */
export interface DvnInstruction {
  readonly vid: number;
  readonly target: Address;
  readonly callData: Hex;
  /** Unix seconds of the destination chain. */
  readonly expiration: bigint;
}

/** What the signers of a DVN sign (as EIP-191 messages): `DVN.hashCallData`. */
export function dvnInstructionHash({ vid, target, callData, expiration }: DvnInstruction): Hex {
  return keccak256(
    encodePacked(['uint32', 'address', 'uint256', 'bytes'], [vid, target, expiration, callData]),
  );
}

/** Signatures of exactly `quorum` signers, in the order of their addresses, as the DVN contract asks for. */
export async function signDvnInstruction(
  instruction: DvnInstruction,
  signers: readonly LocalAccount[],
  quorum: number,
): Promise<Hex> {
  const ordered = [...signers]
    .sort((left, right) => (BigInt(left.address) < BigInt(right.address) ? -1 : 1))
    .slice(0, quorum);
  const raw = dvnInstructionHash(instruction);
  return concatHex(await Promise.all(ordered.map((signer) => signer.signMessage({ message: { raw } }))));
}
