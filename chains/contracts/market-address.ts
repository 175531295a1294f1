import { type Address, getAddress, type Hex, keccak256, sliceHex, stringToHex } from 'viem';
import { InvalidInputError } from '../../risk/errors.ts';

/**
 * The address under which a market of the gateway stands in RiskOracle, where it has none of its own on chain: the
 * last 20 bytes of the hash of its id.
 */
export function marketAddress(market: string): Address {
  return getAddress(sliceHex(keccak256(stringToHex(market)), 12));
}

/**
 * A short name (account, market, asset) as venues write it on chain: ASCII, left-aligned in 32 bytes.
 * @throws InvalidInputError when it is empty, longer than 32 bytes or not printable ASCII.
 */
export function nameToBytes32(name: string, field = 'name'): Hex {
  if (!/^[\x21-\x7e]{1,32}$/.test(name)) {
    throw new InvalidInputError(field, 'must be 1 to 32 printable ASCII characters');
  }
  return `0x${Buffer.from(name, 'latin1').toString('hex').padEnd(64, '0')}`;
}

/**
 * The name behind 32 bytes.
 * @throws InvalidInputError when they hold no name, so that two different values never read alike.
 */
export function bytes32ToName(bytes: Hex, field = 'name'): string {
  const name = Buffer.from(bytes.slice(2), 'hex').toString('latin1').replace(/\0+$/, '');
  if (nameToBytes32(name, field) !== bytes.toLowerCase()) {
    throw new InvalidInputError(field, 'is no left-aligned ASCII name');
  }
  return name;
}
