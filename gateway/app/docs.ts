import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Scalar } from '@scalar/hono-api-reference';
import type { GatewayApp, GatewayEnv } from './context.ts';

const SCRIPT_PATH = '/docs/scalar.js';

interface Script {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** The bundle of the pinned package; nothing is fetched from a content network. */
async function loadScript(): Promise<Script> {
  const main = createRequire(import.meta.url).resolve('@scalar/api-reference');
  const plain = await readFile(join(dirname(main), 'browser', 'standalone.js'));
  const gzipped = await promisify(gzip)(plain);
  const etag = `"${createHash('sha256').update(plain).digest('hex').slice(0, 32)}"`;
  return { plain: new Uint8Array(plain), gzipped: new Uint8Array(gzipped), etag };
}

/** The API reference for people at /docs. */
export function serveDocs(app: GatewayApp): void {
  let script: Promise<Script> | null = null;
  app.get('/', (c) => c.redirect('/docs'));
  const page = Scalar<GatewayEnv>((c) => {
    const nonce = randomBytes(16).toString('base64');
    // The bundle injects its styles at run time; scripts need the nonce or come from here.
    c.header(
      'Content-Security-Policy',
      `default-src 'none'; script-src 'self' 'nonce-${nonce}'; style-src 'self' 'unsafe-inline'; ` +
        `img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; ` +
        `base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    return {
      url: '/openapi.json',
      pageTitle: 'Breakwater API',
      cdn: SCRIPT_PATH,
      nonce,
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      agent: { disabled: true },
      mcp: { disabled: true },
      showDeveloperTools: 'never',
    };
  });
  app.get('/docs', page);
  app.get(SCRIPT_PATH, async (c) => {
    script ??= loadScript();
    const { plain, gzipped, etag } = await script;
    const headers = { ETag: etag, 'Cache-Control': 'public, max-age=3600', Vary: 'Accept-Encoding' };
    if (c.req.header('If-None-Match') === etag) return c.body(null, 304, headers);
    const compress = /\bgzip\b/.test(c.req.header('Accept-Encoding') ?? '');
    return c.body(compress ? gzipped : plain, 200, {
      ...headers,
      'Content-Type': 'text/javascript; charset=utf-8',
      ...(compress ? { 'Content-Encoding': 'gzip' } : {}),
    });
  });
}
