import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GatewayApp } from '../app/context.ts';

const STATIC = fileURLToPath(new URL('./static/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/**
 * Everything comes from here, nothing runs that is not a file of ours, and no string becomes markup (Trusted Types
 * without a policy).
 */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

interface Asset {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly etag: string;
}

/** The page for people at /dashboard: files of this folder and the charts of the pinned package, read once. */
export function serveDashboard(app: GatewayApp): void {
  let assets: ReadonlyMap<string, Asset> | null = null;
  for (const path of ['/dashboard', '/dashboard/*'] as const) {
    app.get(path, async (c, next) => {
      assets ??= readAssets();
      const asset = assets.get(c.req.path);
      if (asset === undefined) return next();
      const headers = {
        ETag: asset.etag,
        // Asked for anew each time, so that the page and its parts are of one release.
        'Cache-Control': 'no-cache',
        'Content-Security-Policy': POLICY,
      };
      if (c.req.header('If-None-Match') === asset.etag) return c.body(null, 304, headers);
      return c.body(asset.body, 200, { ...headers, 'Content-Type': asset.type });
    });
  }
}

/** The files by the path that serves them; a request never becomes the name of a file. */
function readAssets(): ReadonlyMap<string, Asset> {
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot'));
  const files = new Map([
    ['/dashboard', join(STATIC, 'index.html')],
    ['/dashboard/', join(STATIC, 'index.html')],
    ['/dashboard/uplot.js', join(uplot, 'uPlot.esm.js')],
    ['/dashboard/uplot.css', join(uplot, 'uPlot.min.css')],
    ...['', 'js', 'js/views'].flatMap((folder) =>
      readdirSync(join(STATIC, folder), { withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== 'index.html')
        .map(({ name }) => {
          const path = folder === '' ? name : `${folder}/${name}`;
          return [`/dashboard/${path}`, join(STATIC, path)] as const;
        }),
    ),
  ]);
  return new Map([...files].map(([path, file]) => [path, readAsset(file)]));
}

function readAsset(file: string): Asset {
  const body = new Uint8Array(readFileSync(file));
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
  return { body, type: TYPES[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream', etag };
}
