import type { Address } from 'viem';
import { hubGateway, isAttester } from '../../chains/publisher/authority.ts';
import { openPublisherChain } from '../../chains/publisher/publisher-chain.ts';
import type { ChainDefinition } from '../../chains/registry/chain.ts';
import type { NetworkConfig } from '../config/network.ts';

/** Whether a key may do on a chain what it is configured for. `null`: the chain did not tell. */
export interface Authority {
  /** Registry id. */
  readonly chain: string;
  readonly contract: Address;
  readonly authorised: boolean | null;
  /** What was found, with addresses; of no key. */
  readonly detail: string;
}

export interface PublisherAuthority extends Authority {
  /** Native balance in wei; null: the chain did not tell. */
  readonly balanceWei: bigint | null;
}

const said = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Asks the hub whose key it lets publish. null without a `publishing` section. Never throws. */
export async function publisherAuthority(
  { chains, publishing }: Pick<NetworkConfig, 'chains' | 'publishing'>,
  address: Address,
): Promise<PublisherAuthority | null> {
  const definition = chains.find(({ id }) => id === publishing?.hub);
  const hub = definition?.risk?.hub;
  if (definition === undefined || hub == null) return null;
  const common = { chain: definition.id, contract: hub };
  const chain = openPublisherChain(definition);
  try {
    const [named, balanceWei] = await Promise.all([
      hubGateway(chain, hub),
      chain.use((client) => client.getBalance({ address })),
    ]);
    const authorised = named.toLowerCase() === address.toLowerCase();
    const detail = authorised
      ? `RiskHub lets ${address} publish`
      : `RiskHub lets ${named} publish, not ${address}`;
    return { ...common, authorised, detail, balanceWei };
  } catch (error) {
    return {
      ...common,
      authorised: null,
      detail: `RiskHub cannot be asked: ${said(error)}`,
      balanceWei: null,
    };
  }
}

/** Asks the verifier of a chain whether it accepts what an address signs. Never throws. */
export async function attesterAuthority(
  definition: ChainDefinition,
  verifier: Address,
  address: Address,
): Promise<Authority> {
  const common = { chain: definition.id, contract: verifier };
  try {
    const authorised = await isAttester(openPublisherChain(definition), verifier, address);
    const detail = authorised
      ? `the verifier knows ${address}`
      : `the verifier on ${definition.id} does not know ${address}`;
    return { ...common, authorised, detail };
  } catch (error) {
    const detail = `the verifier on ${definition.id} cannot be asked: ${said(error)}`;
    return { ...common, authorised: null, detail };
  }
}
