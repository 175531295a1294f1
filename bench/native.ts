import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

/**
 * Builds a C++ source with g++ -O3 -march=native, again when the source or a header beside it is newer; null when there is no g++ or, with
 * `libraries`, when it does not find them (CPLUS_INCLUDE_PATH and LIBRARY_PATH say where else to look).
 */
export function buildNative(source: string, name: string, libraries: readonly string[] = []): string | null {
  if (spawnSync('g++', ['--version']).status !== 0) return null;
  mkdirSync(CACHE, { recursive: true });
  const binary = `${CACHE}/${name}`;
  const folder = dirname(source);
  const headers = readdirSync(folder).filter((name) => name.endsWith('.hpp'));
  const changedMs = [source, ...headers.map((name) => join(folder, name))].map(
    (path) => statSync(path).mtimeMs,
  );
  if (existsSync(binary) && statSync(binary).mtimeMs >= Math.max(...changedMs)) return runnable(binary);
  const flags = ['-std=c++17', '-O3', '-march=native', '-o', binary, source];
  const built = spawnSync('g++', [...flags, ...libraries.map((each) => `-l${each}`)], { encoding: 'utf8' });
  if (built.status === 0) return runnable(binary);
  if (libraries.length > 0) return null;
  throw new Error(`g++ cannot build ${source}: ${built.stderr}`);
}

/** The binary, or null when a library that it was linked with is no longer there. */
function runnable(binary: string): string | null {
  const { stdout } = spawnSync('ldd', [binary], { encoding: 'utf8' });
  return stdout?.includes('not found') ? null : binary;
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
