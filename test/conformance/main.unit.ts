import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const vectors = mkdtempSync(join(tmpdir(), 'vectors-'));
afterAll(() => rmSync(vectors, { recursive: true }));

function write(set: string, file: string, content: unknown): void {
  mkdirSync(join(vectors, set), { recursive: true });
  writeFileSync(join(vectors, set, file), JSON.stringify(content));
}

function conformance(...args: string[]): Promise<{ code: number; out: string }> {
  const command = [
    join(root, 'node_modules/tsx/dist/cli.mjs'),
    join(root, 'test/conformance/main.ts'),
    ...args,
  ];
  return new Promise((done) => {
    execFile(process.execPath, command, (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, out: stdout + stderr });
    });
  });
}

/** A covered write: gains of the future and of the call, netted. */
const span = (requirement: number) => ({
  longFuture: [10, -10],
  longCall410: [6, -3],
  coveredWrite: [4, -7],
  requirement: { longFuture: 10, longCall: 3, coveredWrite: requirement },
});

describe('npm run conformance', () => {
  it('passes on right numbers in any file of the format and fails on a wrong one', async () => {
    write('span-example', 'mine.json', span(7));
    const right = await conformance('--vectors', vectors, '--set', 'span-example');
    expect(right.out.trim().split('\n')).toEqual(['span-example 3/3 0.0e+0', '3 passed, 0 failed']);
    expect(right.code).toBe(0);
    write('span-example', 'mine.json', span(8));
    const wrong = await conformance('--vectors', vectors);
    expect(wrong.out).toContain('span-example 2/3');
    expect(wrong.out.trim().split('\n').at(-1)).toBe('2 passed, 1 failed');
    expect(wrong.code).toBe(1);
  });

  it('fails on a set that has no runner, reads nothing or does not exist', async () => {
    write('span-example', 'mine.json', span(7));
    write('made-up', 'x.json', {});
    const unknown = await conformance('--vectors', vectors, '--set', 'made-up');
    expect(unknown).toMatchObject({ code: 1, out: expect.stringContaining('no runner') });
    write('derive-srm', 'params.json', { option: {}, perp: {} });
    const broken = await conformance('--vectors', vectors, '--set', 'derive-srm');
    expect(broken).toMatchObject({ code: 1, out: expect.stringContaining('derive-srm FAILED') });
    expect((await conformance('--vectors', vectors, '--set', 'nothing')).code).toBe(2);
    expect((await conformance('--vectors', join(vectors, 'absent'))).code).toBe(2);
  });
});
