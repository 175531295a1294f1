import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { GatewayApp } from './context.ts';
import { RouteNotFoundError } from './http-errors.ts';

const PAGES = new URL('../../docs/errors/', import.meta.url);
const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Serves the page of a problem type, so that the `type` of every problem leads to its explanation. */
export function serveErrorPages(app: GatewayApp): void {
  app.get('/errors/:type', async (c) => {
    const type = c.req.param('type');
    const page = SLUG.test(type) ? await readPage(type) : null;
    if (page === null) throw new RouteNotFoundError(c.req.path);
    return c.body(page, 200, {
      'Content-Type': 'text/markdown; charset=utf-8',
      'Cache-Control': 'public, max-age=3600',
    });
  });
}

async function readPage(type: string): Promise<string | null> {
  try {
    return await readFile(fileURLToPath(new URL(`${type}.md`, PAGES)), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
