import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../..');
/** Where the guide says that the gateway listens. */
const SAID = 'http://127.0.0.1:8080';

/** A fenced block of a page, with the line on which it begins. */
export interface Block {
  readonly language: string;
  readonly text: string;
  readonly line: number;
}

/** A command of a guide with what it says that it prints. */
export interface Step {
  readonly command: Block;
  readonly prints: Block | null;
}

/** Every fenced block, in order. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(({ 1: language, 2: text, index }) => ({
    language: language ?? '',
    text: text ?? '',
    line: markdown.slice(0, index).split('\n').length,
  }));
}

/**
 * Files (`ts`, with the name that the prose before gives) and commands (`sh`, each with the `json` or `text` block after
 * it) of a guide, in order. Throws on a block of any other kind: nothing in a guide goes untried.
 */
export async function readGuide(
  page: string,
): Promise<(Step | { readonly name: string; readonly file: Block })[]> {
  const markdown = await readFile(page, 'utf8');
  const lines = markdown.split('\n');
  const steps: (Step | { readonly name: string; readonly file: Block })[] = [];
  let open: { command: Block; prints: Block | null } | null = null;
  for (const block of blocksOf(markdown)) {
    if (block.language === 'sh') {
      open = { command: block, prints: null };
      steps.push(open);
    } else if (block.language === 'ts') {
      const name = lines
        .slice(0, block.line)
        .join('\n')
        .match(/`([\w-]+\.ts)`/g)
        ?.at(-1);
      if (name === undefined) throw new Error(`line ${block.line}: no name for the file`);
      steps.push({ name: name.replaceAll('`', ''), file: block });
    } else if (['json', 'text'].includes(block.language) && open?.prints === null) {
      open.prints = block;
    } else {
      throw new Error(`line ${block.line}: a '${block.language}' block that belongs to no command`);
    }
  }
  return steps;
}

/** A directory inside the project, so that the guide's imports find the package by its name. */
export async function guideDirectory(): Promise<string> {
  await mkdir(join(ROOT, '.cache'), { recursive: true });
  const home = await mkdtemp(join(ROOT, '.cache/guide-'));
  await writeFile(join(home, '.curlrc'), 'noproxy = "*"\n');
  return home;
}

export const removeDirectory = (home: string): Promise<void> => rm(home, { recursive: true, force: true });

/** Runs a block of commands in a shell, with the gateway where it is; what it printed. */
export async function runBlock({ text }: Block, home: string, url: string): Promise<string> {
  const env = { ...process.env, CURL_HOME: home, NO_UPDATE_NOTIFIER: '1' };
  const script = text.replaceAll(SAID, url);
  const { stdout } = await run('sh', ['-e', '-c', script], { cwd: home, env, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Writes a file of the guide, with the gateway where it is. */
export async function saveFile(name: string, { text }: Block, home: string, url: string): Promise<void> {
  await writeFile(join(home, name), text.replaceAll(SAID, url));
}

/** The compiler's complaints about the files of the guide; empty when there are none. */
export async function typeErrors(home: string): Promise<string> {
  const config = { extends: '../../tsconfig.json', compilerOptions: { rootDir: '../..' }, include: ['*.ts'] };
  await writeFile(join(home, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  return run(tsc, ['-p', home], { cwd: ROOT }).then(
    () => '',
    (error: { stdout?: string }) => error.stdout ?? String(error),
  );
}

/** A block that goes on running, in a process group of its own, on a free port. */
export function startBlock(
  { text }: Block,
  home: string,
): { readonly child: ChildProcess; output(): string } {
  const env = { ...process.env, PORT: '0' };
  const child = spawn('sh', ['-e', '-c', text], {
    cwd: home,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (data) => (printed += data));
  return { child, output: () => printed };
}

/** How `printed` differs from what a page states; null when it does not. `…` stands for anything of the same kind. */
export function difference(stated: unknown, printed: unknown, path = '$'): string | null {
  const differs = `${path}: stated ${JSON.stringify(stated)}, printed ${JSON.stringify(printed)?.slice(0, 200)}`;
  if (typeof stated === 'string' && stated.endsWith('…')) {
    if (typeof printed !== 'string') return differs;
    const kind = [/^-?\d+(\.\d*)?$/, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/].find((one) =>
      one.test(stated.slice(0, -1)),
    );
    if (kind === undefined) return printed === '' ? differs : null;
    return kind.test(printed) && stated.startsWith('-') === printed.startsWith('-') ? null : differs;
  }
  if (Array.isArray(stated)) {
    if (!Array.isArray(printed) || printed.length !== stated.length) return differs;
    return firstOf(stated.map((one, at) => difference(one, printed[at], `${path}[${at}]`)));
  }
  if (typeof stated === 'object' && stated !== null) {
    if (typeof printed !== 'object' || printed === null) return differs;
    const found = printed as Readonly<Record<string, unknown>>;
    return firstOf(Object.entries(stated).map(([key, one]) => difference(one, found[key], `${path}.${key}`)));
  }
  return stated === printed ? null : differs;
}

const firstOf = (found: readonly (string | null)[]) => found.find((one) => one !== null) ?? null;

/** The same for lines of text: all stated lines, in order and together, with `…` for any part of a line. */
export function textDifference(stated: string, printed: string): string | null {
  const escaped = stated
    .trimEnd()
    .replaceAll(SAID, 'http://127.0.0.1:…')
    .replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('…', '.+');
  return new RegExp(`(^|\n)${escaped}(\n|$)`).test(printed)
    ? null
    : `stated:\n${stated}\nprinted:\n${printed}`;
}
