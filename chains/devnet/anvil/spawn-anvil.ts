import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
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
const LIFELINE_SCRIPT = '"$@" </dev/null 3<&- & echo "pid $!"; exec >&- 2>&-; read -r _ <&3; kill -9 $!';

const START_TIMEOUT_MS = 20_000;

/**
 * Starts anvil and waits until it listens.
 * @throws AnvilUnavailableError with what anvil printed.
 */
export async function spawnAnvil(binary: string, args: readonly string[]): Promise<AnvilProcess> {
  // Own process group: a Ctrl-C in the terminal reaches this program only, which then stops its nodes itself.
  const options: SpawnOptions = { detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] };
  const direct = process.platform === 'win32';
  const child: ChildProcess = direct
    ? spawn(binary, args, options)
    : spawn('/bin/sh', ['-c', LIFELINE_SCRIPT, 'sh', binary, ...args], options);
  const output: string[] = [];
  const lines = createInterface({ input: child.stdout as Readable });
  const exited = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    lines.once('close', resolve);
  });
  void exited.then(() => child.stdio[3]?.destroy());
  const remember = (line: string) => {
    if (output.length < 400) output.push(line);
  };
  createInterface({ input: child.stderr as Readable }).on('line', remember);

  let pid = direct ? child.pid : undefined;
  const port = await new Promise<number>((resolve, reject) => {
    const fail = (why: string, cause?: unknown) =>
      reject(
        new AnvilUnavailableError(
          `anvil did not start: ${why}`,
          { binary, output: output.slice(-20) },
          cause,
        ),
      );
    const timer = setTimeout(() => {
      child.stdio[3]?.destroy();
      fail(`silent for ${START_TIMEOUT_MS} ms`);
    }, START_TIMEOUT_MS);
    void exited.then(() => fail(output.slice(-3).join(' ') || 'it ended at once'));
    child.once('error', (error) => fail(error.message, error));
    lines.on('line', (line) => {
      remember(line);
      const started = /^pid (\d+)$/.exec(line);
      if (started) pid = Number(started[1]);
      const listening = /^Listening on .*:(\d+)$/.exec(line);
      if (!listening) return;
      clearTimeout(timer);
      resolve(Number(listening[1]));
    });
    void exited.then(() => clearTimeout(timer));
  });
  if (pid === undefined) throw new AnvilUnavailableError('anvil started without a process id', { binary });
  const nodePid = pid;
  // If the shell alone is killed, nobody watches the node any more: end it, rather than leave it behind.
  child.once('exit', () => killQuietly(nodePid));
  return {
    pid: nodePid,
    port,
    exited,
    async kill() {
      killQuietly(nodePid);
      await exited;
    },
  };
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
