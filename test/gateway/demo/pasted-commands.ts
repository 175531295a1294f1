import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The first `sh` block under a heading of a page. */
export async function commandsUnder(page: string, heading: string): Promise<string> {
  const text = await readFile(page, 'utf8');
  const section = text.split(`\n## ${heading}\n`)[1];
  const block = /```sh\n([\s\S]*?)```/.exec(section ?? '')?.[1];
  if (block === undefined) throw new Error(`no commands under '${heading}' in ${page}`);
  return block;
}

/** Pastes commands into a shell, with the gateway where it is; what each curl printed, as JSON. */
export async function paste(commands: string, url: string): Promise<unknown[]> {
  const home = await mkdtemp(join(tmpdir(), 'breakwater-curl-'));
  try {
    // Tells the answers apart, without a word in the commands.
    await writeFile(join(home, '.curlrc'), 'write-out = "\\n"\nnoproxy = "*"\n');
    const script = commands.replaceAll('http://127.0.0.1:8080', url);
    const env = { ...process.env, CURL_HOME: home, HOME: home };
    const { stdout } = await run('sh', ['-e', '-c', script], { env, maxBuffer: 64 * 1024 * 1024 });
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
