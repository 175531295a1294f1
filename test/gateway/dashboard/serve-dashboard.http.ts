import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { hashKey, parseApiKeys } from '../../../gateway/auth/keys.ts';
import { createWorld } from '../support/gateway.ts';

const FILES = fileURLToPath(new URL('../../../gateway/dashboard/static/', import.meta.url));
const { keys } = parseApiKeys(`alpha:${hashKey('alpha-key')}`);

describe('/dashboard', () => {
  test('is a page without inline code, from this host only, open without a key', async () => {
    const { app } = createWorld({ apiKeys: keys });
    const response = await app.request('/dashboard');
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).toContain("trusted-types 'none'");
    expect(policy).not.toContain('unsafe');
    const links = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map((match) => match[1]!);
    expect(links.length).toBeGreaterThan(4);
    for (const link of links) expect((await app.request(link)).status, link).toBe(200);
    for (const [tag] of html.matchAll(/<script[^>]*>/g)) expect(tag).toContain('src="/dashboard/');
    expect(html).not.toMatch(/ (style|on[a-z]+)="/);
    expect((await app.request('/dashboard/')).status).toBe(200);
  });

  test.each(
    readdirSync(FILES, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(js|css|svg)$/.test(name)),
  )('%s is served with its type, and not sent twice', async (name) => {
    const { app } = createWorld();
    const response = await app.request(`/dashboard/${name}`);
    const type = {
      js: 'text/javascript; charset=utf-8',
      css: 'text/css; charset=utf-8',
      svg: 'image/svg+xml',
    };
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type[name.split('.').at(-1) as 'js']);
    const etag = response.headers.get('etag') ?? '';
    const again = await app.request(`/dashboard/${name}`, { headers: { 'If-None-Match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  test.each([
    '/dashboard/js/none.js',
    '/dashboard/../serve-dashboard.ts',
    '/dashboard/%2e%2e/serve-dashboard.ts',
    '/dashboard/js',
  ])('%s is no file of it', async (path) => {
    const response = await createWorld().app.request(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json',
    ]);
  });
});
