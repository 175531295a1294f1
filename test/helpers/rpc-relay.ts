import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a relay does to the node behind it. */
export interface RelayFault {
  /** Heads that it tells are this many blocks old. */
  readonly lagBlocks?: number;
  /** Chain id that it claims. */
  readonly chainId?: number;
  /** Takes requests and never answers. */
  readonly silent?: boolean;
  /** Answers every request with this status. */
  readonly status?: number;
}

/** An RPC endpoint in front of a real node. */
export interface RpcRelay {
  readonly url: string;
  fault(fault: RelayFault): void;
  stop(): Promise<void>;
}

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

async function forward(target: string, request: object): Promise<{ readonly result?: unknown }> {
  const response = await fetch(target, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  return (await response.json()) as { result?: unknown };
}

async function answer(target: string, request: Request, fault: RelayFault): Promise<object> {
  const { id, method, params } = request;
  const call = (name: string, given: readonly unknown[]) =>
    forward(target, { jsonrpc: '2.0', id, method: name, params: given });
  if (method === 'eth_chainId' && fault.chainId !== undefined) {
    return { jsonrpc: '2.0', id, result: `0x${fault.chainId.toString(16)}` };
  }
  if (method === 'eth_getBlockByNumber' && params[0] === 'latest' && fault.lagBlocks !== undefined) {
    const { result } = await call('eth_blockNumber', []);
    const old = Math.max(0, Number(result) - fault.lagBlocks);
    return await call(method, [`0x${old.toString(16)}`, false]);
  }
  return await call(method, params);
}

/** Passes everything to the node at `target` until it is given a fault. */
export async function startRpcRelay(target: string): Promise<RpcRelay> {
  let fault: RelayFault = {};
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    if (fault.silent) return;
    if (fault.status !== undefined) {
      response.writeHead(fault.status).end();
      return;
    }
    try {
      const request = JSON.parse(Buffer.concat(chunks).toString()) as Request;
      const body = await answer(target, request, fault);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault(next) {
      fault = next;
      // Connections that were kept silent would stay so.
      server.closeAllConnections();
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
