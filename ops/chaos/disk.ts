import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const SIZE = '1200m';
const FILLER = 'filler';
const CHUNK = Buffer.alloc(1 << 20);

/** A small file system of its own, which can be filled to the last byte. */
export interface SmallDisk {
  readonly directory: string;
  fill(): void;
  free(): void;
  unmount(): void;
}

/** @returns why it cannot be had instead, where the system does not let us mount one */
export function mountSmallDisk(directory: string): SmallDisk | string {
  mkdirSync(directory, { recursive: true });
  const { status, stderr, error } = spawnSync(
    'mount',
    ['-t', 'tmpfs', '-o', `size=${SIZE},mode=755`, 'tmpfs', directory],
    { encoding: 'utf8' },
  );
  if (status !== 0) return (error?.message ?? stderr).trim();
  const filler = join(directory, FILLER);
  return {
    directory,
    fill() {
      const file = openSync(filler, 'a');
      try {
        for (;;) writeSync(file, CHUNK);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
    unmount() {
      spawnSync('umount', ['-l', directory]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
