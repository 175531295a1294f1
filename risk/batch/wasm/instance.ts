import { kernelBytes } from './kernel.ts';

/** The part of the WebAssembly interface in use; its types come with browsers', which this project does not load. */
interface WebAssemblyInterface {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => SharedMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: { env: { memory: SharedMemory } },
  ) => { readonly exports: Kernel };
}

/** A WebAssembly memory; it can be posted to worker threads, which then see the same bytes. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

/** See `kernel.ts` for the parameters. */
export type Pass = (...addresses: number[]) => void;
export interface Kernel {
  readonly base: Pass;
  readonly grid: Pass;
}

const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface };
const MAXIMUM_PAGES = 65_536;
let compiled: object | null = null;

/** A shared memory of exactly so many pages of 64 KiB. */
export function sharedMemory(pages: number): SharedMemory {
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** The margin kernel on a memory; compiled once per thread. */
export function kernelOn(memory: SharedMemory): Kernel {
  compiled ??= new WebAssembly.Module(kernelBytes(MAXIMUM_PAGES));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports;
}
