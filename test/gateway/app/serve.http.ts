import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ListenError, type RunningServer, serve } from '../../../gateway/app/serve.ts';
import { until } from '../../helpers/until.ts';
import { BOOK, createWorld, jsonRequest } from '../support/gateway.ts';

const LOCAL = { host: '127.0.0.1', port: 0 };
const open: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function running(
  options: Partial<Parameters<typeof serve>[1]> = {},
  world = createWorld(),
): Promise<RunningServer> {
  const server = await serve(world.app, { ...LOCAL, ...options });
  open.push(() => server.close());
  return server;
}

describe('serve', () => {
  test('answers over HTTP and names the port it took', async () => {
    const server = await running();
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    const response = await fetch(`${server.url}/v1/margin/simulate`, jsonRequest('POST', BOOK));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ equity: '33212.5' });
  });

  test.each([
    ['of a length that was announced', 'Content-Length: 500\r\n\r\n{"cash":'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\n{"cas\r\n'],
    ['in a chunk that is none', 'Transfer-Encoding: chunked\r\n\r\n5\r\n{"cas\r\nzz\r\n'],
  ])('a body %s that breaks off is the failure of its sender, not one of ours', async (_, rest) => {
    const world = createWorld();
    let entered = () => {};
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const server = await serve(
      {
        fetch: (request, env) => {
          entered();
          return world.app.fetch(request, env);
        },
      },
      LOCAL,
    );
    open.push(() => server.close());
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const head = 'POST /v1/margin/simulate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n';
    socket.write(head + rest);
    await inside;
    socket.destroy();
    const told = () =>
      world.logs
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .find(({ msg }) => msg === 'request');
    await until('the answer is logged', told);
    expect(told()).toMatchObject({ path: '/v1/margin/simulate', status: 400, level: 30 });
    expect(world.logs.join('')).not.toContain('request failed');
  });

  test('keeps an idle connection for longer than balancers do, so that none asks on one that is being closed', async () => {
    const server = await running();
    const response = await fetch(`${server.url}/health`);
    await response.text();
    expect(response.headers.get('keep-alive')).toBe('timeout=75');
  });

  test('a port in use becomes an error that names it', async () => {
    const { port } = await running();
    const error = await serve(createWorld().app, { host: '127.0.0.1', port }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ListenError);
    expect(error).toMatchObject({
      type: 'port-in-use',
      port,
      message: `port ${port} on 127.0.0.1 is in use by another program; set PORT to a free one`,
    });
  });

  test('a port held by another program is named too', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    open.push(() => new Promise((resolve) => other.close(resolve)));
    const { port } = other.address() as { port: number };
    await expect(serve(createWorld().app, { host: '127.0.0.1', port })).rejects.toMatchObject({
      type: 'port-in-use',
      port,
    });
  });

  test('an address that is not of this machine is named', async () => {
    await expect(serve(createWorld().app, { host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
      type: 'cannot-listen',
      message: '192.0.2.1 is not an address of this machine; set HOST',
    });
  });

  test('a server that retires answers, at once or later, and asks for the next connection elsewhere', async () => {
    const fetchOf = (later: boolean) => () =>
      later ? Promise.resolve(new Response('later')) : new Response('at once');
    for (const later of [false, true]) {
      const server = await serve({ fetch: fetchOf(later) }, LOCAL);
      open.push(() => server.close());
      const before = await fetch(server.url);
      expect([before.headers.get('connection'), await before.text()]).toEqual([
        'keep-alive',
        later ? 'later' : 'at once',
      ]);
      server.retire();
      const after = await fetch(server.url);
      expect([after.headers.get('connection'), await after.text()]).toEqual([
        'close',
        later ? 'later' : 'at once',
      ]);
    }
  });

  test('close waits for the answer under way, drops idle connections and refuses new ones', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let entered = () => {};
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const world = createWorld({
      override: (ports) => ({
        ...ports,
        health: {
          ready: async () => {
            entered();
            await gate;
            return [];
          },
        },
      }),
    });
    const server = await running({}, world);
    const idle = connect(server.port, '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));
    const dropped = new Promise((resolve) => idle.once('close', resolve));
    const answer = fetch(`${server.url}/ready`);
    await inside;
    const closed = server.close();
    await dropped;
    await expect(fetch(`${server.url}/health`)).rejects.toThrow();
    release();
    expect((await answer).status).toBe(200);
    await closed;
    await server.close();
  });

  test('close cuts an answer that does not end within the drain time', async () => {
    let entered = () => {};
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const world = createWorld({
      override: (ports) => ({
        ...ports,
        health: {
          ready: () => {
            entered();
            return new Promise(() => {});
          },
        },
      }),
    });
    const server = await running({ drainMs: 100 }, world);
    const answer = fetch(`${server.url}/ready`).catch((error: unknown) => error);
    await inside;
    await server.close();
    expect(await answer).toBeInstanceOf(TypeError);
  });

  test('a body that is too large, however it is sent, does not harm the next request', async () => {
    const server = await running({}, createWorld({ maxBodyBytes: 10_000 }));
    const chunked = await new Promise<number>((resolve, reject) => {
      const ask = request(
        `${server.url}/v1/margin/simulate`,
        { method: 'POST', headers: { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' } },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      ask.once('error', reject);
      ask.write(`{"cash":"${'1'.repeat(20_000)}`);
      ask.end('"}');
    });
    expect(chunked).toBe(413);
    const large = await fetch(`${server.url}/v1/margin/simulate`, jsonRequest('POST', 'x'.repeat(20_000)));
    expect(large.status).toBe(413);
    expect((await fetch(`${server.url}/v1/margin/simulate`, jsonRequest('POST', BOOK))).status).toBe(200);
  });
});
