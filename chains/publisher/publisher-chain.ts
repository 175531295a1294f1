import {
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  fallback,
  http,
  type PublicClient,
  RpcRequestError,
} from 'viem';
import { ChainUnavailableError } from '../clients/errors.ts';
import type { ChainDefinition } from '../registry/chain.ts';
import { ContractRefusedError } from './errors.ts';

/** Seconds until a block counts as final where the registry does not say. */
const DEFAULT_FINALITY_SECONDS = 900;

/** A chain as the publisher uses it: reads, raw transactions and receipts, over the endpoints in their order. */
export interface PublisherChain {
  readonly id: string;
  readonly definition: ChainDefinition;
  readonly client: PublicClient;
  /** Blocks, its own included, after which a block is taken for final. */
  readonly confirmations: bigint;
  /**
   * Runs a piece of work on the client.
   * @throws ChainUnavailableError, ContractRefusedError; neither names an endpoint's URL.
   */
  use<T>(work: (client: PublicClient) => Promise<T>): Promise<T>;
}

export function openPublisherChain(
  definition: ChainDefinition,
  options: { readonly timeoutMs?: number; readonly confirmations?: number } = {},
): PublisherChain {
  const { timeoutMs: timeout = 5_000 } = options;
  const client = createPublicClient({
    transport: fallback(
      definition.rpcUrls.map((url) => http(url, { retryCount: 0, timeout, batch: true })),
      { retryCount: 0 },
    ),
    cacheTime: 0,
  }) as PublicClient;
  const finality = definition.crossChain?.finalitySeconds ?? DEFAULT_FINALITY_SECONDS;
  const confirmations = options.confirmations ?? Math.ceil(finality / definition.blockTimeSeconds);
  let checked = false;
  const use = async <T>(work: (client: PublicClient) => Promise<T>): Promise<T> => {
    try {
      if (!checked) {
        const chainId = await client.getChainId();
        if (chainId !== definition.chainId) throw new BaseError(`serves chain ${chainId}`);
        checked = true;
      }
      return await work(client);
    } catch (error) {
      throw asRefusal(definition.id, error);
    }
  };
  return { id: definition.id, definition, client, confirmations: BigInt(Math.max(1, confirmations)), use };
}

function asRefusal(chain: string, error: unknown): unknown {
  if (!(error instanceof BaseError)) return error;
  const revert = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (revert instanceof ContractFunctionRevertedError) {
    const { data, signature, reason } = revert;
    return new ContractRefusedError(
      chain,
      data?.errorName ?? reason ?? signature ?? 'reverted',
      data?.args ?? [],
    );
  }
  const answer = error.walk((cause) => cause instanceof RpcRequestError);
  const reason = answer instanceof RpcRequestError ? answer.details : error.shortMessage;
  return new ChainUnavailableError(chain, [{ endpoint: 'any endpoint', reason }]);
}
