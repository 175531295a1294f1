import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configHash, defaultsHash } from '../../../oracles/config/config-hash.ts';
import { feed } from '../support/feeds.ts';

describe('configuration hashes', () => {
  it('the tables in the documentation are of the present defaults', () => {
    expect(readFileSync('docs/oracles.md', 'utf8')).toContain(defaultsHash());
  });

  it('a class is part of the hash', () => {
    const hashes = [feed(), feed({ class: 'major' }), feed({ class: 'stable' })].map(configHash);
    expect(new Set(hashes).size).toBe(3);
  });
});
