import { ACCOUNT_COUNT } from './accounts.ts';
import { type AnvilProcess, spawnAnvil } from './anvil/spawn-anvil.ts';
import type { DevnetProfile } from './profiles.ts';
import { createRpc, type Rpc } from './rpc.ts';

/**
 * Blocks whose state and transactions a node keeps. Anvil copies the whole state for each, so that this number
 * decides its memory; a round of reads at a pinned block takes a few milliseconds.
 */
const KEPT_BLOCKS = 32;
/** The same with LayerZero: its workers and publishers look for their messages in the logs of past blocks. */
export const KEPT_TRANSACTION_BLOCKS = 512;

export interface DevnetNode {
  readonly process: AnvilProcess;
  readonly rpc: Rpc;
  readonly url: string;
}

/** Starts anvil without any mining of its own, at a port of the system's choice unless one is given. */
export async function startNode(
  binary: string,
  profile: DevnetProfile,
  genesisSeconds: number,
  port = 0,
  keptTransactionBlocks = KEPT_BLOCKS,
): Promise<DevnetNode> {
  const process = await spawnAnvil(binary, [
    ...['--host', '127.0.0.1', '--port', String(port), '--no-cors', '--no-request-size-limit'],
    ...['--accounts', String(ACCOUNT_COUNT)],
    ...['--chain-id', String(profile.chainId), '--timestamp', String(genesisSeconds)],
    ...['--no-mining', '--gas-limit', '3000000000', '--base-fee', '0', '--gas-price', '0'],
    ...['--prune-history', String(KEPT_BLOCKS), '--transaction-block-keeper', String(keptTransactionBlocks)],
  ]);
  const url = `http://127.0.0.1:${process.port}`;
  const rpc = createRpc(profile.id, url);
  try {
    // Otherwise anvil prints a line for every request.
    await rpc.call('anvil_setLoggingEnabled', false);
  } catch (error) {
    await process.kill();
    throw error;
  }
  return { process, url, rpc };
}
