import { BreakwaterError } from '../../risk/errors.ts';
import { Cleanup } from './cleanup.ts';

/** Wall time after which a stop that hangs is given up; everything started also ends by itself with its parent. */
const GIVE_UP_MS = 45_000;

/** How often a program that npm started looks whether npm's shell is still there. */
const PARENT_CHECK_MS = 500;

/**
 * Calls `orphaned` when the shell that npm started us in has ended: npm hands signals on to that shell, which does
 * not hand them on to us, so `kill` on npm would leave the program running. Without npm nothing is watched: a
 * service may well outlive the shell that started it.
 */
function watchNpm(orphaned: () => void): () => void {
  if (process.env.npm_lifecycle_event === undefined) return () => undefined;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) orphaned();
  }, PARENT_CHECK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

export interface ProgramContext {
  readonly cleanup: Cleanup;
  /** Aborted by the first Ctrl-C or SIGTERM, or when the program ends. */
  readonly signal: AbortSignal;
}

/** Refusals are told in their own words; anything else is a defect and keeps its stack. */
function explain(error: unknown): string {
  if (error instanceof BreakwaterError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Runs an entry point: starts, waits until it ends or is told to (Ctrl-C, SIGTERM, SIGHUP), stops what was
 * started in reverse order and sets the exit code. A second signal during the stop ends the process at once.
 */
export async function runProgram(
  name: string,
  main: (context: ProgramContext) => Promise<number>,
): Promise<void> {
  const cleanup = new Cleanup();
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let asked = 0;
  const onSignal = () => {
    asked += 1;
    if (asked === 1) controller.abort();
    // Ctrl-C reaches a process twice when npm forwards it as well: only a later press counts as impatience.
    else if (asked > 3) process.exit(130);
  };
  for (const signal of signals) process.on(signal, onSignal);
  const unwatch = watchNpm(() => controller.abort());
  let code = 1;
  try {
    code = await main({ cleanup, signal: controller.signal });
  } catch (error) {
    if (!controller.signal.aborted) process.stderr.write(`${name}: ${explain(error)}\n`);
    else code = 0;
  }
  controller.abort();
  unwatch();
  const giveUp = setTimeout(() => {
    process.stderr.write(`${name}: stopping takes too long, giving up\n`);
    process.exit(1);
  }, GIVE_UP_MS);
  await cleanup.run((what, error) => {
    code = code === 0 ? 1 : code;
    process.stderr.write(`${name}: could not stop ${what}: ${explain(error)}\n`);
  });
  clearTimeout(giveUp);
  process.exit(code);
}

/** Resolves when the signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
