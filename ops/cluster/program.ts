import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GUARD } from '../../db/embedded/guard.ts';
import { ClusterError } from './errors.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface ProgramOptions {
  /** Names it in errors. */
  readonly name: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Takes all that it prints, over all its starts. */
  readonly logFile: string;
  /** A program that ends unasked is started again after this, as a supervisor does; without it, it stays ended. */
  readonly restartAfterMs?: number;
}

/** A program of the cluster in a process of its own, which can be ended in any way and started again. */
export interface Program {
  readonly name: string;
  readonly logFile: string;
  readonly running: boolean;
  /** Of the program itself, not of the guard around it; null while it does not run. */
  readonly pid: number | null;
  start(): void;
  /** Sends a signal, e.g. STOP and CONT. */
  signal(name: string): void;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM and, when that takes longer than the patience, kill -9. @returns its exit code */
  stop(patienceMs?: number): Promise<number | null>;
  /** What it printed since its last start. */
  output(): string;
}

/** The guard passes signals on, and ends the program when this process is gone, however it ended. */
export function createProgram(options: ProgramOptions): Program {
  const { name, command, environment = {}, logFile, restartAfterMs } = options;
  let child: ChildProcess | null = null;
  let ended: Promise<number | null> = Promise.resolve(null);
  let from = 0;
  let wanted = false;
  const pass = (signal: string) => {
    child?.stdin?.write(`${signal}\n`);
  };
  const program: Program = {
    name,
    logFile,
    get running() {
      return child !== null;
    },
    get pid() {
      return child?.pid === undefined ? null : programBelow(child.pid);
    },
    start() {
      if (child !== null) throw new ClusterError(`${name} runs already`);
      wanted = true;
      const log = openSync(logFile, 'a');
      from = readFileSync(logFile).length;
      const started = spawn('/bin/sh', ['-c', GUARD, 'sh', ...command], {
        cwd: ROOT,
        detached: true,
        stdio: ['pipe', log, log],
        env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...environment },
      });
      closeSync(log);
      started.stdin!.on('error', () => undefined);
      child = started;
      ended = new Promise((resolve) => {
        const end = (code: number | null) => {
          if (child === started) child = null;
          resolve(code);
          if (restartAfterMs === undefined) return;
          setTimeout(() => {
            if (wanted && child === null) program.start();
          }, restartAfterMs).unref();
        };
        started.once('error', () => end(null));
        started.once('exit', end);
      });
    },
    signal: pass,
    async kill() {
      wanted = false;
      pass('KILL');
      await ended;
    },
    async stop(patienceMs = 50_000) {
      wanted = false;
      pass('TERM');
      const patience = new AbortController();
      const late = delay(patienceMs, true, { signal: patience.signal, ref: false }).catch(() => false);
      if (await Promise.race([late, ended.then(() => false)])) pass('KILL');
      patience.abort();
      return ended;
    },
    output: () => readFileSync(logFile).subarray(from).toString('utf8'),
  };
  return program;
}

/** The one child of the guard that is no shell. Linux. */
function programBelow(guard: number): number | null {
  try {
    const children = readFileSync(`/proc/${guard}/task/${guard}/children`, 'utf8').trim().split(' ');
    for (const pid of children.map(Number)) {
      if (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() !== 'sh') return pid;
    }
  } catch {
    // It ended while we looked.
  }
  return null;
}
