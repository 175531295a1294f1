import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../../gateway/app/app.ts';
import { createLogger } from '../../../gateway/app/logger.ts';
import { type RunningServer, serve } from '../../../gateway/app/serve.ts';
import { hashKey, parseApiKeys } from '../../../gateway/auth/keys.ts';
import { BOOK, createWorld } from '../support/gateway.ts';

const { keys } = parseApiKeys(`alpha:${hashKey('alpha-key')},beta:${hashKey('beta-key')}`);
const ALPHA = 'Authorization: Bearer alpha-key';
const BETA = 'Authorization: Bearer beta-key';
const JSON_BODY = JSON.stringify(BOOK);

let server: RunningServer;
beforeAll(async () => {
  const { ports } = createWorld({ apiKeys: keys });
  // The short ways are taken where nothing is logged at debug.
  const app = createApp({
    ports,
    logger: createLogger('silent'),
    apiKeys: keys,
    rateLimiter: null,
    shutdown: null,
  });
  server = await serve(app, { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server?.close();
});

/** Status of a request as it is written on the connection: clients join or refuse what is repeated. */
function statusOf(requestLine: string, headers: readonly string[], body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const lines = [`${requestLine} HTTP/1.1`, 'Host: gateway', 'Connection: close', ...headers];
    if (body !== '') lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`),
    );
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(Number(text.slice(9, 12))));
  });
}

describe('two keys in one request are none, whichever way it is answered', () => {
  test.each([
    ['from memory', 'GET /v1/prices/BTC-USD'],
    ['the ordinary way', 'GET /v1/prices/BTC-USD?'],
    ['of a list', 'GET /v1/accounts'],
  ])('a read %s', async (_, requestLine) => {
    expect(await statusOf(requestLine, [ALPHA])).toBe(200);
    expect(await statusOf(requestLine, [ALPHA, BETA])).toBe(401);
    expect(await statusOf(requestLine, [ALPHA, 'authorization: Bearer nothing'])).toBe(401);
    expect(await statusOf(requestLine, ['Authorization: Bearer nothing', ALPHA])).toBe(401);
  });

  test.each([
    ['directly', 'POST /v1/margin/simulate'],
    ['the ordinary way', 'POST /v1/margin/simulate?'],
  ])('a simulation %s, and two kinds of body are none', async (_, requestLine) => {
    const json = 'Content-Type: application/json';
    expect(await statusOf(requestLine, [ALPHA, json], JSON_BODY)).toBe(200);
    expect(await statusOf(requestLine, [ALPHA, BETA, json], JSON_BODY)).toBe(401);
    expect(await statusOf(requestLine, [ALPHA, json, 'Content-Type: text/plain'], JSON_BODY)).toBe(415);
  });
});
