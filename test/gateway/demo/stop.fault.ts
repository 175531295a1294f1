import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { descendants, type Program, runEntry, survivors } from '../../helpers/program.ts';
import { until } from '../../helpers/until.ts';

const DEMO = 'gateway/demo/main.ts';

describe.runIf(process.platform === 'linux')('the demo as a process', () => {
  let program: Program | null = null;
  afterEach(() => program?.child.kill('SIGKILL'));

  it('stops everything on Ctrl-C, which reaches the whole process group, and leaves nothing behind', async () => {
    program = runEntry(DEMO, ['--port', '0']);
    const [, url] = await program.printed(/API {10}(http:\S+)\/v1/);
    expect((await fetch(`${url}/v1/accounts/demo/margin`)).status).toBe(200);
    const started = descendants(program.child.pid!);
    expect(started.filter(({ command }) => /bin\/anvil /.test(command)).length).toBeGreaterThanOrEqual(2);
    expect(started.some(({ command }) => command.includes('postgres'))).toBe(true);
    process.kill(-program.child.pid!, 'SIGINT');
    expect(await program.exited, program.output()).toBe(0);
    expect(program.output()).not.toContain('could not stop');
    await until('everything to end', () => survivors(started).length === 0);
  });

  it('takes its children along when it is killed with -9', async () => {
    program = runEntry(DEMO, ['--port', '0']);
    await program.printed(/ready after/);
    const started = descendants(program.child.pid!);
    program.child.kill('SIGKILL');
    await program.exited;
    await until('everything to end', () => survivors(started).length === 0);
  });

  it('stops when npm, and with it the shell in between, is told to', async () => {
    const npm = spawn('npm', ['run', '--silent', 'demo', '--', '--port', '0'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    npm.stdout.on('data', (data) => (text += data));
    await until('the demo to be ready', () => text.includes('ready after'), 60_000);
    const started = descendants(npm.pid!);
    expect(started.some(({ command }) => command.includes('gateway/demo/main.ts'))).toBe(true);
    npm.kill('SIGTERM');
    await until('everything to end', () => survivors(started).length === 0);
  });

  it('names a port that is in use, and ends with an error', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    program = runEntry(DEMO, ['--port', `${port}`]);
    expect(await program.exited).toBe(1);
    expect(program.output()).toContain(`port ${port} on 127.0.0.1 is in use`);
    other.close();
  });

  it('names wrong flags and wrong variables before it starts anything', async () => {
    program = runEntry(DEMO, ['--speed', 'fast', '--colour', 'red']);
    expect(await program.exited).toBe(1);
    expect(program.output()).toMatch(/--colour/);
    program = runEntry(DEMO, [], { PORT: 'http', SWEEP_INTERVAL_MS: '0', LOG_LEVEL: 'loud' });
    expect(await program.exited).toBe(1);
    expect(program.output()).toMatch(/PORT: must be an integer/);
    expect(program.output()).toMatch(/SWEEP_INTERVAL_MS: must be an integer/);
    expect(program.output()).toMatch(/LOG_LEVEL: must be one of/);
  });
});
