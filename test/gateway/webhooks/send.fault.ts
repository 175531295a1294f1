import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type Resolved, type SendOptions, sendWebhook } from '../../../gateway/webhooks/send.ts';
import { newWebhookSecret, signedHeaders } from '../../../gateway/webhooks/sign.ts';

const servers: { close(): unknown; closeAllConnections?: () => void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function receiver(listener: RequestListener): Promise<{ readonly url: string; readonly port: number }> {
  const server: Server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hook`, port };
}

const MESSAGE = { headers: { 'webhook-id': 'msg_1' }, body: '{"type":"margin.call"}' };
const send = (url: string, options: Partial<SendOptions> = {}) =>
  sendWebhook(url, MESSAGE, { allowPrivate: true, ...options });

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

describe('sendWebhook', () => {
  test('posts the body as it is', async () => {
    const seen: unknown[] = [];
    const { url } = await receiver(async (request, response) => {
      const { 'content-type': type, 'webhook-id': id, 'user-agent': agent } = request.headers;
      seen.push([request.method, request.url, type, id, agent, await textOf(request)]);
      response.writeHead(204).end();
    });
    expect(await send(url)).toEqual({ status: 204, error: null });
    expect(seen).toEqual([
      ['POST', '/hook', 'application/json', 'msg_1', 'Breakwater-Webhooks/1', MESSAGE.body],
    ]);
  });

  test.each([
    [500, 'answered 500'],
    [404, 'answered 404'],
    [304, 'answered 304'],
  ])('takes %i as a failure', async (status, error) => {
    const { url } = await receiver((_, response) => response.writeHead(status).end());
    expect(await send(url)).toEqual({ status, error });
  });

  test('follows no redirect', async () => {
    let followed = 0;
    const target = await receiver((_, response) => {
      followed += 1;
      response.end();
    });
    for (const status of [301, 302, 303, 307, 308]) {
      const { url } = await receiver((_, response) =>
        response.writeHead(status, { Location: target.url }).end(),
      );
      expect(await send(url)).toEqual({ status, error: `answered ${status}` });
    }
    expect(followed).toBe(0);
  });

  test('waits for no one who says nothing, or says it for ever', async () => {
    const silent = createTcpServer(() => undefined);
    servers.push(silent);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    expect(await send(`http://127.0.0.1:${port}/`, { timeoutMs: 200 })).toEqual({
      status: null,
      error: 'no answer in time',
    });
    const endless = await receiver((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('x'.repeat(8192)), 5);
      response.on('close', () => clearInterval(drip));
    });
    expect(await send(endless.url, { timeoutMs: 30_000 })).toEqual({ status: 200, error: null });
  });

  test('says in a word why nobody answered, and no address', async () => {
    const { url, port } = await receiver(() => undefined);
    for (const server of servers.splice(0)) server.close();
    const outcome = await send(url);
    expect(outcome).toEqual({ status: null, error: 'the call failed: ECONNREFUSED' });
    expect(JSON.stringify(outcome)).not.toContain(String(port));
  });

  test('connects to the address that the name led to, without asking again', async () => {
    const hosts: unknown[] = [];
    const local = await receiver((request, response) => {
      hosts.push(request.headers.host);
      response.end();
    });
    let asked = 0;
    const resolve = async (): Promise<readonly Resolved[]> => {
      asked += 1;
      return [{ address: '127.0.0.1', family: 4 }];
    };
    const outcome = await send(`http://venue.example:${local.port}/`, { resolve });
    expect([outcome.status, asked, hosts]).toEqual([200, 1, [`venue.example:${local.port}`]]);
  });

  describe('without the allowance for development', () => {
    const at = (...addresses: string[]) => ({
      allowPrivate: false,
      resolve: async (): Promise<readonly Resolved[]> =>
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    });
    const REFUSED = { status: null, error: 'the host has no address of the public internet' };

    test.each([
      ['loopback', ['127.0.0.1']],
      ['metadata', ['169.254.169.254']],
      ['a private one among public ones', ['93.184.216.34', '10.0.0.1']],
      ['IPv6 loopback', ['::1']],
      ['a mapped address', ['::ffff:10.0.0.1']],
      ['none at all', []],
    ])('a name that leads to %s is not called', async (_, addresses) => {
      expect(await send('https://venue.example/', at(...addresses))).toEqual(REFUSED);
    });

    test('an unknown name says the same', async () => {
      const resolve = async () => Promise.reject(new Error('ENOTFOUND internal-name'));
      expect(await send('https://venue.example/', { allowPrivate: false, resolve })).toEqual(REFUSED);
    });

    test('a name is asked once, and the connection goes where it led then', async () => {
      let hits = 0;
      const local = await receiver((_, response) => {
        hits += 1;
        response.end();
      });
      let asked = 0;
      const rebinding = async (): Promise<readonly Resolved[]> => {
        asked += 1;
        return [{ address: asked === 1 ? '192.0.2.1' : '127.0.0.1', family: 4 }];
      };
      // The first answer counts: it is documentation space, so nothing is called, and nobody asks again.
      expect(
        await send(`https://venue.example:${local.port}/`, { allowPrivate: false, resolve: rebinding }),
      ).toEqual(REFUSED);
      expect([asked, hits]).toEqual([1, 0]);
    });

    test('a URL that slipped into the table is looked at again', async () => {
      const outcome = await send('http://127.0.0.1:1/', { allowPrivate: false });
      expect(outcome).toEqual({ status: null, error: 'the call failed' });
    });
  });
});

describe('the signature', () => {
  test('is that of Standard Webhooks', () => {
    // The example of the specification (standard-webhooks, spec, "Signature scheme").
    const headers = signedHeaders('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestampSeconds: 1614265330,
      body: '{"test": 2432232314}',
    });
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('has secrets of 32 bytes', () => {
    const secret = newWebhookSecret();
    expect(secret).toMatch(/^whsec_/);
    expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32);
  });
});
