import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createWorld } from '../support/gateway.ts';

describe('/docs', () => {
  test('is a page that takes everything from here, with a nonce of its own', async () => {
    const { app } = createWorld();
    const response = await app.request('/docs');
    const html = await response.text();
    expect(response.status).toBe(200);
    const policy = response.headers.get('content-security-policy') ?? '';
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    expect(nonce).toMatch(/^[A-Za-z0-9+/]{22}==$/);
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toContain('unsafe-eval');
    expect(html).toContain('src="/docs/scalar.js"');
    expect(html).toContain('/openapi.json');
    for (const [tag] of html.matchAll(/<script[^>]*>/g)) expect(tag).toContain(`nonce="${nonce}"`);
    const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
    expect(sources.every((source) => source?.startsWith('/'))).toBe(true);
    const again = await app.request('/docs');
    expect(again.headers.get('content-security-policy')).not.toBe(policy);
  });

  test('the script is the one of the package, compressed when asked, and not sent twice', async () => {
    const { app } = createWorld();
    const plain = await app.request('/docs/scalar.js');
    const text = await plain.text();
    expect(plain.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(text).toContain('createApiReference');
    const zipped = await app.request('/docs/scalar.js', { headers: { 'Accept-Encoding': 'br, gzip' } });
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    const bytes = gunzipSync(Buffer.from(await zipped.arrayBuffer()));
    expect(bytes.equals(Buffer.from(text))).toBe(true);
    const etag = plain.headers.get('etag') ?? '';
    const cached = await app.request('/docs/scalar.js', { headers: { 'If-None-Match': etag } });
    expect(cached.status).toBe(304);
  });

  test('/ leads there', async () => {
    const response = await createWorld().app.request('/');
    expect([response.status, response.headers.get('location')]).toEqual([302, '/docs']);
  });
});
