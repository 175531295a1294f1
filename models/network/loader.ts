import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { BreakwaterError } from '../../risk/errors.ts';

export type Tf = typeof TensorFlow;
export const BACKENDS = ['native', 'wasm', 'cpu'] as const;
export type Backend = (typeof BACKENDS)[number];

export interface LoadedTensorFlow {
  readonly tf: Tf;
  readonly backend: Backend;
  /** What computes, e.g. `libtensorflow 2.9.1`, as far as it says. */
  readonly library: string;
  /** What was tried before it and why it did not load. */
  readonly skipped: readonly { readonly backend: Backend; readonly reason: string }[];
}

/** No TensorFlow.js backend loads. */
export class NoBackendError extends BreakwaterError {
  override readonly name = 'NoBackendError';
  constructor(skipped: LoadedTensorFlow['skipped']) {
    const reasons = skipped.map(({ backend, reason }) => `${backend}: ${reason}`).join('; ');
    super(`no TensorFlow.js backend loads (${reasons})`, {
      type: 'no-tensorflow-backend',
      kind: 'internal',
      details: { skipped },
    });
  }
}

const require = createRequire(import.meta.url);

/**
 * TensorFlow.js with the fastest backend that loads: tfjs-node (optional, may be absent or without its addon), WASM,
 * plain CPU. `wanted` limits the choice; `nativeModule` names another place of tfjs-node than the installed one. All
 * go through createRequire, so that they share one tfjs-core.
 */
export async function loadTensorFlow(
  wanted: readonly Backend[] = BACKENDS,
  nativeModule = '@tensorflow/tfjs-node',
): Promise<LoadedTensorFlow> {
  const skipped: { backend: Backend; reason: string }[] = [];
  for (const backend of BACKENDS) {
    if (!wanted.includes(backend)) continue;
    try {
      const { tf, library } = await LOADERS[backend](nativeModule);
      return { tf, backend, library, skipped };
    } catch (error) {
      skipped.push({ backend, reason: firstLine(error) });
    }
  }
  throw new NoBackendError(skipped);
}

interface Loaded {
  readonly tf: Tf;
  readonly library: string;
}

const LOADERS: Record<Backend, (nativeModule: string) => Promise<Loaded>> = {
  async native(nativeModule) {
    restoreNodeUtil();
    const tf = require(nativeModule) as Tf;
    await select(tf, 'tensorflow');
    const { binding } = tf.backend() as unknown as { binding?: { TF_Version?: string } };
    return { tf, library: `libtensorflow ${binding?.TF_Version ?? 'of unknown version'}` };
  },
  async wasm() {
    const tf = requireCore();
    const wasm = require('@tensorflow/tfjs-backend-wasm') as {
      setWasmPaths(prefix: string): void;
      version_wasm: string;
    };
    const folder = dirname(require.resolve('@tensorflow/tfjs-backend-wasm'));
    wasm.setWasmPaths(join(folder, '/'));
    await select(tf, 'wasm');
    return { tf, library: `tfjs-backend-wasm ${wasm.version_wasm}` };
  },
  async cpu() {
    const tf = requireCore();
    const cpu = require('@tensorflow/tfjs-backend-cpu') as { version_cpu: string };
    await select(tf, 'cpu');
    return { tf, library: `tfjs-backend-cpu ${cpu.version_cpu}` };
  },
};

/** The core alone knows no gradients; loading tfjs-layers registers them. */
function requireCore(): Tf {
  const tf = require('@tensorflow/tfjs-core') as Tf;
  require('@tensorflow/tfjs-layers');
  return tf;
}

async function select(tf: Tf, backend: string): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error(`backend ${backend} does not start`);
  await tf.ready();
}

/** tfjs-node 4.22 calls two functions that Node 23 took out of `util`. */
function restoreNodeUtil(): void {
  const util = require('node:util') as { isNullOrUndefined?: unknown; isArray?: unknown };
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
