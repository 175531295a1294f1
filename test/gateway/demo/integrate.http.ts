import { type ChildProcess, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { descendants, survivors } from '../../helpers/program.ts';
import { until } from '../../helpers/until.ts';
import {
  type Block,
  blocksOf,
  difference,
  guideDirectory,
  readGuide,
  removeDirectory,
  runBlock,
  type Step,
  saveFile,
  startBlock,
  textDifference,
  typeErrors,
} from './guide.ts';

const PAGE = join(import.meta.dirname, '../../../docs/integrate.md');
const PATIENCE_MS = 120_000;

const hasCurl = (() => {
  try {
    execFileSync('curl', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

/** What a page states and what a command printed, by the kind of the block. */
const compare = ({ language, text }: Block, printed: string): string | null =>
  language === 'json' ? difference(JSON.parse(text), JSON.parse(printed)) : textDifference(text, printed);

describe('the comparison of the guide with what was printed', () => {
  it('finds every difference', () => {
    expect(difference({ a: '1.5…', b: [{ c: true }] }, { a: '2', b: [{ c: true, d: 1 }], e: 0 })).toBeNull();
    const wrong: [unknown, unknown][] = [
      [{ a: '1.5…' }, { a: '-2' }],
      [{ a: '1.5…' }, { a: 'much' }],
      [{ a: '1.5…' }, {}],
      [{ a: '2025-07-01T13:25:40.218Z…' }, { a: '7' }],
      [{ a: [1] }, { a: [1, 2] }],
      [{ a: [{ b: false }] }, { a: [{ b: true }] }],
      [{ a: 'x…' }, { a: '' }],
      [{ a: null }, { a: 0 }],
    ];
    for (const [stated, printed] of wrong) expect(difference(stated, printed)).toMatch(/^\$\.a/);
    expect(textDifference('id: …\nevent: price\n', 'retry: 1\nid: 7-1\nevent: price\n\n')).toBeNull();
    expect(textDifference('id: …\nevent: price\n', 'id: 7-1\nevent: margin\n')).toContain('printed');
    expect(textDifference('a.c', 'abc')).toContain('printed');
  });

  it('takes every block of a page', () => {
    expect(blocksOf('x\n```sh\na\nb\n```\ny\n```json\n{}\n```\n')).toEqual([
      { language: 'sh', text: 'a\nb\n', line: 2 },
      { language: 'json', text: '{}\n', line: 7 },
    ]);
  });
});

describe.runIf(hasCurl && process.platform === 'linux')('the integration guide, block by block', () => {
  let home: string;
  let demo: ChildProcess | null = null;
  beforeAll(async () => {
    home = await guideDirectory();
  });
  afterAll(async () => {
    if (demo?.pid !== undefined) {
      const started = descendants(demo.pid);
      demo.kill('SIGTERM');
      for (const { pid, command } of started) if (command.includes('npm run')) process.kill(pid, 'SIGTERM');
      await until('the demo to end', () => survivors(started).length === 0, PATIENCE_MS);
    }
    await removeDirectory(home);
  });

  it('does what it says', async () => {
    const [first, ...steps] = await readGuide(PAGE);
    const { command: start, prints: invitation } = first as Step;
    expect(start.text).toBe('npm run demo\n');
    const running = startBlock(start, home);
    demo = running.child;
    await until('the demo to be ready', () => running.output().includes('Ctrl-C'), PATIENCE_MS);
    expect(textDifference(invitation!.text, running.output())).toBeNull();
    const url = /API {10}(http:\S+)\/v1/.exec(running.output())![1]!;
    await until(
      'every price and forecast',
      async () => {
        const text = await (await fetch(`${url}/ready`)).text();
        return text.includes('4 of 4 feeds') && text.includes('4 of 4 assets');
      },
      PATIENCE_MS,
    );

    let compared = 0;
    for (const step of steps) {
      if ('file' in step) {
        await saveFile(step.name, step.file, home, url);
        expect(await typeErrors(home)).toBe('');
        continue;
      }
      const { command, prints } = step;
      expect(prints, `line ${command.line} says what it prints`).not.toBeNull();
      // What changes nothing may be asked again: a busy machine's answer can be stale for a moment.
      const again = !/-X (PUT|DELETE)|tsx /.test(command.text);
      let found: string | null = null;
      const fits = async () => {
        found = compare(prints!, await runBlock(command, home, url));
        return found === null;
      };
      if (again) await until(`line ${command.line}`, fits, PATIENCE_MS).catch(() => undefined);
      else await fits();
      expect(found, `line ${command.line}`).toBeNull();
      compared += 1;
    }
    expect(compared).toBeGreaterThanOrEqual(9);
  }, 480_000);
});
