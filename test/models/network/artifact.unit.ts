import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArtifactError, loadArtifact } from '../../../models/network/artifact.ts';
import { SHIPPED_ARTIFACT_DIR } from '../../../models/serving/load-models.ts';

const FILES = ['manifest.json', 'weights.bin', 'SHA256SUMS'] as const;

describe('an artifact', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'breakwater-artifact-'));
    await cp(SHIPPED_ARTIFACT_DIR, dir, { recursive: true });
  });
  afterAll(() => rm(dir, { recursive: true }));

  /** Loads with one file replaced, and puts it back. */
  async function loadWith(name: string, change: (bytes: Buffer) => Buffer) {
    const path = join(dir, name);
    const bytes = await readFile(path);
    const other = change(Buffer.from(bytes));
    expect(other.equals(bytes)).toBe(false);
    await writeFile(path, other);
    try {
      return await loadArtifact(dir);
    } finally {
      await writeFile(path, bytes);
    }
  }

  it.each(FILES)('is refused when any byte of %s is another, missing or more', async (name) => {
    const { length } = await readFile(join(dir, name));
    const flips = Array.from({ length: 20 }, (_, k) => Math.floor((k * (length - 1)) / 19));
    for (const at of flips) {
      const flipped = loadWith(name, (bytes) => {
        bytes[at] = bytes[at]! ^ 1;
        return bytes;
      });
      await expect(flipped, `byte ${at}`).rejects.toThrow(/does not match the hashes of SHA256SUMS/);
    }
    await expect(loadWith(name, (bytes) => bytes.subarray(0, -1))).rejects.toBeInstanceOf(ArtifactError);
    await expect(loadWith(name, (bytes) => Buffer.concat([bytes, Buffer.of(10)]))).rejects.toBeInstanceOf(
      ArtifactError,
    );
    expect((await loadArtifact(dir)).info.name).toBe('network');
  });

  it.each([
    ['topology', /"hidden": \[\s+64/, '"hidden": [\n    65'],
    ['statistics', /"deviation": \[\s+/, '"deviation": [\n    1'],
    ['share of the residual that is believed', /"shrink": \[\s+0.75/, '"shrink": [\n    1.75'],
    ['ranges of the inputs', /"reference": \[\s+/, '"reference": [ '],
    ['end of training', /"trainedUntilMs": 1/, '"trainedUntilMs": 0'],
    ['white space', / /, ''],
  ])('is refused when its %s is another', async (_what, pattern, replacement) => {
    const changed = loadWith('manifest.json', (bytes) =>
      Buffer.from(bytes.toString('utf8').replace(pattern, replacement)),
    );
    await expect(changed).rejects.toThrow(/manifest\.json or weights\.bin does not match/);
  });

  it('is refused without any one of its files', async () => {
    for (const name of FILES) {
      const bytes = await readFile(join(dir, name));
      await rm(join(dir, name));
      await expect(loadArtifact(dir), name).rejects.toThrow(/cannot be read/);
      await writeFile(join(dir, name), bytes);
    }
  });
});
