import { decodeAbiParameters, type Hex, hexToBigInt, size, sliceHex } from 'viem';
import { InvalidInputError } from '../../risk/errors.ts';

/** What RiskHub says about a publication in `additionalData`, the same on every chain. */
export interface PublicationData {
  readonly sequence: bigint;
  /** Block time on the hub, unix seconds; the oracle's own timestamp is that of arrival. */
  readonly publishedAt: bigint;
  readonly extra: Hex;
}

/**
 * 8 bytes sequence, 8 bytes time, the rest extra.
 * @throws InvalidInputError when it is too short to come from RiskHub.
 */
export function decodePublicationData(additionalData: Hex): PublicationData {
  const bytes = size(additionalData);
  if (bytes < 16) throw new InvalidInputError('additionalData', 'does not come from RiskHub');
  return {
    sequence: hexToBigInt(sliceHex(additionalData, 0, 8)),
    publishedAt: hexToBigInt(sliceHex(additionalData, 8, 16)),
    extra: bytes === 16 ? '0x' : sliceHex(additionalData, 16),
  };
}

/** The value of an update: one unsigned word. */
export function decodeValue(newValue: Hex): bigint {
  return decodeAbiParameters([{ type: 'uint256' }], newValue)[0];
}
