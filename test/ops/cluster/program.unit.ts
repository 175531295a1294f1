import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProgram } from '../../../ops/cluster/program.ts';
import { until } from '../../helpers/until.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'breakwater-program-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('a program of the cluster', () => {
  /** Notes its start, and ends by itself unless `stay` is there. */
  const script = `require('fs').appendFileSync('starts', 'x'); if (require('fs').existsSync('stay')) setInterval(() => {}, 1000)`;
  const make = (restartAfterMs?: number) =>
    createProgram({
      name: 'p',
      command: ['/bin/sh', '-c', `cd '${dir}' && exec '${process.execPath}' -e "${script}"`],
      logFile: join(dir, 'log'),
      ...(restartAfterMs === undefined ? {} : { restartAfterMs }),
    });
  const starts = () => (existsSync(join(dir, 'starts')) ? readFileSync(join(dir, 'starts')).length : 0);

  it('is started again when it ends unasked, and stays ended when it is killed', async () => {
    const program = make(10);
    program.start();
    await until('three starts', () => starts() >= 3);
    await program.kill();
    const then = starts();
    expect(program.running).toBe(false);
    program.start();
    await until('started again', () => starts() > then);
    await program.kill();
    expect(program.running).toBe(false);
  });

  it('stays ended without a supervisor', async () => {
    const program = make();
    program.start();
    await until('it ended', () => starts() === 1 && !program.running);
    expect(program.output()).toBe('');
  });
});
