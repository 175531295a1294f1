import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export const CACHE = `${import.meta.dirname}/../.cache/bench`;

/** One round of a native program. */
export interface NativeRound {
  readonly cpuSeconds: number;
  readonly checksum: number;
}

/** A native program that runs one round per line on its standard input and answers with its CPU time and checksum. */
export class NativeProgram {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(binary: string, data: string) {
    this.#child = spawn(binary, [data], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async round(): Promise<NativeRound> {
    this.#child.stdin!.write('\n');
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the native program ended early');
    const [cpuSeconds, checksum] = (value as string).split(' ').map(Number);
    return { cpuSeconds: cpuSeconds!, checksum: checksum! };
  }

  stop(): void {
    this.#child.stdin!.end();
    this.#child.kill();
  }
}

/** Builds a C++ source beside `from` with g++ -O3 -march=native; null when there is no g++. */
export function buildNative(source: string, name: string): string | null {
  if (spawnSync('g++', ['--version']).status !== 0) return null;
  mkdirSync(CACHE, { recursive: true });
  const binary = `${CACHE}/${name}`;
  if (!existsSync(binary) || statSync(binary).mtimeMs < statSync(source).mtimeMs) {
    execFileSync('g++', ['-std=c++17', '-O3', '-march=native', '-o', binary, source]);
  }
  return binary;
}

/** Writes arrays one after the other, each with its length in bytes before it. */
export function writeArrays(
  name: string,
  arrays: readonly (Int32Array | Float64Array | Uint8Array)[],
): string {
  mkdirSync(CACHE, { recursive: true });
  const file = `${CACHE}/${name}`;
  const parts = arrays.flatMap((array) => [
    Buffer.from(BigInt64Array.of(BigInt(array.byteLength)).buffer),
    Buffer.from(array.buffer, array.byteOffset, array.byteLength),
  ]);
  writeFileSync(file, Buffer.concat(parts));
  return file;
}
