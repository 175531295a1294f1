import { type Address, getAddress, type Hex } from 'viem';
import { ChainUnavailableError } from '../clients/errors.ts';
import type { ChainReader } from '../clients/ports.ts';
import { riskSubjectAbi } from '../contracts/abi.ts';
import { bytes32ToName } from '../contracts/market-address.ts';
import type { Venue } from './venue-book.ts';

/** Accounts in one call. */
const PAGE = 500n;

/** Names of all accounts of a venue at one block; null when it cannot be read. What is no name is left out: nobody can ask for it. */
export async function venueAccountNames(reader: ChainReader, venue: Venue): Promise<string[] | null> {
  const call = (functionName: string, args: readonly unknown[]) => ({
    address: getAddress(venue.address) as Address,
    abi: riskSubjectAbi,
    functionName,
    args,
  });
  try {
    const view = await reader.pin();
    const [counted] = await view.read([call('accountCount', [])]);
    if (!counted?.ok) return null;
    const count = counted.value as bigint;
    const calls = [];
    for (let from = 0n; from < count; from += PAGE) calls.push(call('accountsFrom', [from, PAGE]));
    const pages = await view.read(calls);
    const names: string[] = [];
    for (const page of pages) {
      if (!page.ok) return null;
      for (const id of page.value as readonly Hex[]) {
        const name = nameOf(id);
        if (name !== null) names.push(name);
      }
    }
    return names;
  } catch (error) {
    if (error instanceof ChainUnavailableError) return null;
    throw error;
  }
}

function nameOf(id: Hex): string | null {
  try {
    return bytes32ToName(id, 'account');
  } catch {
    return null;
  }
}
