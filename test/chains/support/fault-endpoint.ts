import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Faults of RPC providers that a real node cannot be made to show. */
export type EndpointFault =
  | 'silent'
  | 'stalled-body'
  | 'rate-limited'
  | 'not-json'
  | 'no-block'
  | 'rpc-error';

export interface FaultEndpoint {
  readonly url: string;
  readonly requests: () => number;
  close(): Promise<void>;
}

/** An HTTP server that plays one fault on every request. */
export async function startFaultEndpoint(fault: EndpointFault): Promise<FaultEndpoint> {
  let requests = 0;
  const server = createServer(async (request, response) => {
    requests += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { id } = JSON.parse(Buffer.concat(chunks).toString()) as { id: number };
    const reply = (body: object) => response.end(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
    response.setHeader('content-type', 'application/json');
    if (fault === 'silent') return;
    if (fault === 'stalled-body') response.write('{"jsonrpc":');
    if (fault === 'rate-limited') response.writeHead(429, { 'content-type': 'text/plain' }).end('slow down');
    if (fault === 'not-json') response.end('<html>gateway</html>');
    if (fault === 'no-block') reply({ result: null });
    if (fault === 'rpc-error')
      reply({ error: { code: -32005, message: 'quota of https://host/KEY is used up' } });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/SECRET-KEY`,
    requests: () => requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
