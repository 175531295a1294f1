import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { AnvilUnavailableError } from '../errors.ts';

export interface AnvilProcess {
  readonly pid: number;
  readonly port: number;
  /** Settles when the node is gone, for whatever reason. */
  readonly exited: Promise<void>;
  /** kill -9; resolves when the node is gone. Nothing is lost by it that anvil would have saved. */
  kill(): Promise<void>;
}

/**
 * The shell starts anvil, tells its pid and port lines on stdout, and then waits on descriptor 3, a pipe whose other
 * end only this program holds. When this program ends, even by kill -9, the kernel closes the pipe and the shell kills
 * anvil. Anvil alone keeps stdout open, so that the end of stdout is the end of anvil.
 */
const LIFELINE_SCRIPT =
  '"$@" </dev/null 3<&- & echo "pid $!"; exec >&- 2>&-; read -r _ <&3; kill -9 $!; wait $!';

const START_TIMEOUT_MS = 20_000;
const OUTPUT_LINES_KEPT = 100;

/**
 * Starts anvil and waits until it listens.
 * @throws AnvilUnavailableError with what anvil printed.
 */
export async function spawnAnvil(binary: string, args: readonly string[]): Promise<AnvilProcess> {
  // Own process group: a Ctrl-C in the terminal reaches this program only, which then stops its nodes itself.
  const options: SpawnOptions = { detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] };
  const direct = process.platform === 'win32';
  const child = direct
    ? spawn(binary, args, options)
    : spawn('/bin/sh', ['-c', LIFELINE_SCRIPT, 'sh', binary, ...args], options);
  const lines = createInterface({ input: child.stdout as Readable });
  const errorLines = createInterface({ input: child.stderr as Readable });
  const output: string[] = [];
  const remember = (line: string) => {
    output.push(line);
    if (output.length > OUTPUT_LINES_KEPT) output.shift();
  };
  lines.on('line', remember);
  errorLines.on('line', remember);

  // Its end may show as a reset of the pipe, which is no news here.
  child.stdio[3]?.on('error', () => undefined);

  let nodeEnded = false;
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    lines.once('close', resolve);
  }).then(() => {
    nodeEnded = true;
    child.stdio[3]?.destroy();
  });
  const parentEnded = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  const exited = Promise.all([ended, parentEnded]).then(() => undefined);

  try {
    const { pid, port } = await listening(child, lines, direct, exited);
    const kill = () => {
      // Once the node is gone its id may belong to another process.
      if (!nodeEnded) killQuietly(pid);
    };
    // If the shell alone is killed, nobody watches the node any more: end it, rather than leave it behind.
    void parentEnded.then(kill);
    return {
      pid,
      port,
      exited,
      async kill() {
        kill();
        await exited;
      },
    };
  } catch (error) {
    // The shell ends the node when its pipe closes.
    child.stdio[3]?.destroy();
    if (direct) child.kill('SIGKILL');
    await exited;
    const why = error instanceof Error ? error.message : String(error);
    const last = output.filter((line) => !line.startsWith('pid ')).slice(-20);
    throw new AnvilUnavailableError(`anvil did not start: ${why}`, { binary, output: last }, error);
  }
}

/** Resolves with the node's process id and port once both are known. */
function listening(
  child: ChildProcess,
  lines: Interface,
  direct: boolean,
  exited: Promise<void>,
): Promise<{ pid: number; port: number }> {
  return new Promise((resolve, reject) => {
    let pid = direct ? child.pid : undefined;
    let port: number | undefined;
    const timer = setTimeout(() => {
      reject(new Error(`it did not listen within ${START_TIMEOUT_MS / 1000} s`));
    }, START_TIMEOUT_MS);
    child.once('error', reject);
    void exited.then(() => {
      clearTimeout(timer);
      reject(new Error('it ended at once'));
    });
    lines.on('line', (line) => {
      const started = /^pid (\d+)$/.exec(line);
      if (started) pid = Number(started[1]);
      const bound = /^Listening on .*:(\d+)$/.exec(line);
      if (bound) port = Number(bound[1]);
      if (pid === undefined || port === undefined) return;
      clearTimeout(timer);
      resolve({ pid, port });
    });
  });
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
