import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../../models/network/loader.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'breakwater-loader-'));
});
afterAll(() => rm(dir, { recursive: true }));

describe('the loader, in the states in which tfjs-node is found (native itself: backend.native.ts)', () => {
  it('absent: goes on to WASM and says why', async () => {
    const loaded = await loadTensorFlow(['native', 'wasm', 'cpu'], '@tensorflow/no-such-module');
    expect(loaded.backend).toBe('wasm');
    expect(loaded.skipped).toEqual([
      {
        backend: 'native',
        reason: expect.stringMatching(/^Cannot find module '@tensorflow\/no-such-module'/),
      },
    ]);
  });

  it('present without its addon: goes on to WASM and says why', async () => {
    // How tfjs-node 4.22 fails when its install script could not download libtensorflow.
    const module = join(dir, 'without-addon.cjs');
    await writeFile(
      module,
      `throw new Error("The Node.js native addon module (tfjs_binding.node) can not be found at path: x\\nPlease run command");`,
    );
    const loaded = await loadTensorFlow(['native', 'wasm', 'cpu'], module);
    expect(loaded.backend).toBe('wasm');
    expect(loaded.skipped).toEqual([
      {
        backend: 'native',
        reason: 'The Node.js native addon module (tfjs_binding.node) can not be found at path: x',
      },
    ]);
  });

  it('neither it nor WASM: plain CPU computes', async () => {
    const loaded = await loadTensorFlow(['cpu']);
    expect(loaded).toMatchObject({ backend: 'cpu', library: 'tfjs-backend-cpu 4.22.0', skipped: [] });
    expect(loaded.tf.sum(loaded.tf.tensor1d([1, 2])).dataSync()[0]).toBe(3);
    await expect(loadTensorFlow(['native'], '@tensorflow/no-such-module')).rejects.toMatchObject({
      type: 'no-tensorflow-backend',
    });
  });
});
