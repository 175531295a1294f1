import type { Hex } from 'viem';
import { DevnetNodeError } from './errors.ts';

export interface RpcRequest {
  readonly method: string;
  readonly params?: readonly unknown[];
}

export type RpcReply =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: string; readonly data: Hex | null };

/** JSON-RPC to one local node. Anvil answers the requests of one batch concurrently: a batch has no order. */
export interface Rpc {
  batch(requests: readonly RpcRequest[]): Promise<readonly RpcReply[]>;
  /** @throws DevnetNodeError when the node refuses or does not answer. */
  call(method: string, ...params: readonly unknown[]): Promise<unknown>;
}

interface RawReply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly data?: unknown };
}

const TIMEOUT_MS = 30_000;

export function createRpc(chain: string, url: string): Rpc {
  async function batch(requests: readonly RpcRequest[]): Promise<readonly RpcReply[]> {
    if (requests.length === 0) return [];
    const body = JSON.stringify(
      requests.map((request, id) => ({
        jsonrpc: '2.0',
        id,
        method: request.method,
        params: request.params ?? [],
      })),
    );
    let replies: readonly RawReply[];
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      replies = (await response.json()) as readonly RawReply[];
    } catch (cause) {
      throw new DevnetNodeError(chain, `the local node at ${url} does not answer`, cause);
    }
    const byId = new Map(replies.map((reply) => [reply.id, reply]));
    return requests.map((request, id) => toReply(byId.get(id), request.method));
  }

  return {
    batch,
    async call(method, ...params) {
      const [reply] = await batch([{ method, params }]);
      if (!reply?.ok) throw new DevnetNodeError(chain, `${method}: ${reply?.error ?? 'no reply'}`);
      return reply.result;
    },
  };
}

function toReply(raw: RawReply | undefined, method: string): RpcReply {
  if (raw === undefined) return { ok: false, error: `no reply to ${method}`, data: null };
  if (raw.error === undefined) return { ok: true, result: raw.result };
  const data = raw.error.data;
  return {
    ok: false,
    error: raw.error.message,
    data: typeof data === 'string' && data.startsWith('0x') ? (data as Hex) : null,
  };
}
