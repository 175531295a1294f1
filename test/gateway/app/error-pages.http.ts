import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createWorld } from '../support/gateway.ts';

const LAYERS = ['risk', 'oracles', 'models', 'chains', 'db', 'jobs', 'gateway'];
const KINDS =
  'invalid-input|unauthorized|forbidden|not-found|conflict|too-large|unprocessable|rate-limited|unavailable|internal';
/** `type: 'slug'` (or a choice of two) directly followed by the kind, as every BreakwaterError is built. */
const RAISED = new RegExp(`type:([^,]*),\\s*kind: '(?:${KINDS})'`, 'g');

function raisedTypes(): Map<string, string> {
  const types = new Map<string, string>();
  for (const layer of LAYERS) {
    const files = readdirSync(layer, { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.ts'))) {
      const path = join(layer, file);
      for (const [, expression] of readFileSync(path, 'utf8').matchAll(RAISED)) {
        for (const [, slug] of (expression ?? '').matchAll(/'([a-z0-9]+(?:-[a-z0-9]+)*)'(?!\s*\?)/g)) {
          types.set(slug!, path);
        }
      }
    }
  }
  return types;
}

describe('docs/errors', () => {
  const types = raisedTypes();
  const pages = new Set(readdirSync('docs/errors').map((file) => file.replace(/\.md$/, '')));

  test('the search finds types of every form', () => {
    expect([...types.keys()]).toEqual(
      expect.arrayContaining([
        'invalid-input',
        'port-in-use',
        'cannot-listen',
        'sequence-conflict',
        'not-finite',
      ]),
    );
  });

  test('every type that is raised anywhere has a page', () => {
    const missing = [...types]
      .filter(([slug]) => !pages.has(slug))
      .map(([slug, path]) => `${slug} (${path})`);
    expect(missing, 'write docs/errors/<type>.md for').toEqual([]);
  });

  test('every page says what it means and what to do', () => {
    for (const page of pages) {
      const text = readFileSync(`docs/errors/${page}.md`, 'utf8');
      expect(text, page).toMatch(new RegExp(`^# ${page}\\n`));
      expect(text, page).toMatch(/\n## What to do\n/);
    }
  });

  test('the gateway serves them, and nothing else from there', async () => {
    const { app } = createWorld();
    const response = await app.request('/errors/invalid-input');
    expect(response.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(await response.text()).toContain('# invalid-input');
    for (const path of [
      '/errors/nothing',
      '/errors/..%2fapi',
      '/errors/%2e%2e%2fapi',
      '/errors/INVALID-INPUT',
    ]) {
      expect((await app.request(path)).status, path).toBe(404);
    }
  });
});
