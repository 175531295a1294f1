import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An RPC endpoint that ends its caller at the moment a transaction is sent: before the node has it, or after. */
export async function startKillingRelay(
  target: string,
  when: 'before' | 'after',
  kill: () => void,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const sending = body.includes('eth_sendRawTransaction');
    if (sending && when === 'before') return kill();
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(target, { method: 'POST', headers, body });
    const text = await answer.text();
    if (sending) return kill();
    response.writeHead(answer.status, headers).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
