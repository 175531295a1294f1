import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Program {
  readonly child: ChildProcess;
  /** Everything printed so far. */
  output(): string;
  /** Waits for a match in what it prints; fails when it ends first. */
  printed(pattern: RegExp, patienceMs?: number): Promise<RegExpExecArray>;
  /** Exit code, once it has ended. */
  readonly exited: Promise<number | null>;
}

/** Runs one of the project's entry points as its npm script does, in a process group of its own. */
export function runEntry(
  entry: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Program {
  const child = spawn(process.execPath, ['--import', 'tsx', entry, ...args], {
    cwd: ROOT,
    detached: true,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (data) => (text += data));
  child.stderr.on('data', (data) => (text += data));
  let ended = false;
  const exited = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      ended = true;
      resolve(code);
    }),
  );
  return {
    child,
    exited,
    output: () => text,
    printed: (pattern, patienceMs = 60_000) =>
      until(
        `${entry} to print ${pattern}`,
        () => {
          const match = pattern.exec(text);
          if (match === null && ended)
            throw new Error(`${entry} ended without printing ${pattern}:\n${text}`);
          return match;
        },
        patienceMs,
      ),
  };
}

/** Live processes below `root`, zombies left out: pid and command. Linux only. */
export function descendants(root: number): readonly { readonly pid: number; readonly command: string }[] {
  const parents = new Map<number, number>();
  const commands = new Map<number, string>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z') continue;
      parents.set(Number(name), Number(parent));
      commands.set(Number(name), readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim());
    } catch {
      // It ended while we looked.
    }
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === root || isBelow(parent));
  };
  return [...commands].filter(([pid]) => isBelow(pid)).map(([pid, command]) => ({ pid, command }));
}

/** Which of the processes still live, under the same command. */
export function survivors(processes: ReturnType<typeof descendants>): readonly string[] {
  return processes.flatMap(({ pid, command }) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const now = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const zombie = stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
      return zombie || now !== command ? [] : [`${pid} ${command}`];
    } catch {
      return [];
    }
  });
}
