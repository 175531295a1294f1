import { type Address, type Hex, hashTypedData, parseAbi, type TypedDataDefinition } from 'viem';
import type { ChainReader } from '../../chains/clients/ports.ts';
import { ConsentRefusedError } from '../../db/queries/consent-errors.ts';
import { recoverSigner } from '../auth/typed-signature.ts';

/** What ERC-1271 answers for a signature that it takes for its own. */
const MAGIC = '0x1626ba7e';
const ERC1271 = parseAbi(['function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)']);

/**
 * Checks that the owner signed: a plain wallet with a 65-byte signature in its lower form, or, where the chain of the
 * deployment can be read, a contract wallet that takes it (ERC-1271, at the block of now).
 * @throws ConsentRefusedError, ChainUnavailableError
 */
export async function verifyOwner(
  typedData: TypedDataDefinition,
  owner: string,
  signature: string,
  reader: ChainReader | null,
): Promise<void> {
  const found = await recoverSigner(typedData, signature);
  if ('signer' in found && found.signer === owner) return;
  const why = 'signer' in found ? `is of ${found.signer} in the domain of this deployment` : found.refusal;
  if (reader !== null) {
    const view = await reader.pin();
    const [answer] = await view.read([
      {
        address: owner as Address,
        abi: ERC1271,
        functionName: 'isValidSignature',
        args: [hashTypedData(typedData), signature as Hex],
      },
    ]);
    if (answer?.ok && answer.value === MAGIC) return;
  }
  throw new ConsentRefusedError('signature', `${why}, not of ${owner}`);
}
