import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from '../../../db/connection.ts';
import { serve } from '../../../gateway/app/serve.ts';
import { fuzzWorld } from './world.ts';

const VERSION = '4.32.5';
/** It leaves files where it runs. */
const CACHE = fileURLToPath(new URL('../../../.cache', import.meta.url));
const FOLDER = join(CACHE, `schemathesis-${VERSION}`);
const INSTALL_MS = 180_000;
const RUN_MS = 600_000;
/** Those that say an answer is wrong; whether a rule that JSON Schema cannot tell refuses a request is not their business. */
const CHECKS =
  'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance';
/** Streams do not end, and schemathesis reads to the end. */
const NEVER_ENDS = '/v1/stream';

interface Outcome {
  readonly line: string;
  readonly passed: number;
  readonly failed: number;
}

function run(command: string, args: readonly string[], timeout: number) {
  return new Promise<{ readonly code: number | null; readonly text: string }>((resolve) => {
    const child = spawn(command, args, { cwd: CACHE, timeout, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    const keep = (chunk: Buffer) => {
      text += chunk.toString('utf8');
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ code: null, text: error.message }));
    child.on('close', (code) => resolve({ code, text }));
  });
}

/** The program, installed on first use; a text that says why not. */
async function installed(): Promise<{ readonly program: string } | { readonly why: string }> {
  mkdirSync(CACHE, { recursive: true });
  const program = join(FOLDER, 'bin', 'schemathesis');
  if (existsSync(program)) return { program };
  const made = await run('python3', ['-m', 'venv', FOLDER], INSTALL_MS);
  if (made.code !== 0) return { why: `python3 -m venv: ${made.text.trim().split('\n').at(-1)}` };
  const pip = join(FOLDER, 'bin', 'pip');
  const got = await run(pip, ['install', '--quiet', `schemathesis==${VERSION}`], INSTALL_MS);
  if (got.code === 0) return { program };
  return { why: `pip install schemathesis==${VERSION}: ${got.text.trim().split('\n').at(-1)}` };
}

/** The document against a running server by schemathesis, where it can be installed. */
export async function schemathesis(database: Database): Promise<Outcome> {
  const found = await installed();
  if ('why' in found) return { line: `schemathesis: skipped (${found.why})`, passed: 0, failed: 0 };
  const world = await fuzzWorld(database);
  const server = await serve(world.tenancy.world.app, { host: '127.0.0.1', port: 0 });
  try {
    const key = world.tenants[0].headers.Authorization;
    const { code, text } = await run(
      found.program,
      [
        ...['run', `${server.url}/openapi.json`, '--header', `Authorization: ${key}`, '--no-color'],
        ...['--checks', CHECKS, '--exclude-path', NEVER_ENDS, '--exclude-path', '/metrics'],
        ...['--phases', 'examples,coverage,fuzzing', '--max-examples', '15', '--seed', '20261122'],
        ...['--continue-on-failure', '--no-shrink', '--generation-database', 'none', '--warnings', 'off'],
      ],
      RUN_MS,
    );
    const cases = Number(/(\d+) generated/.exec(text)?.[1] ?? 0);
    const unique = Number(/(\d+) unique failures?/.exec(text)?.[1] ?? 0);
    if (code !== 0) console.log(text.slice(-12_000));
    const failed = code === 0 ? 0 : Math.max(1, unique);
    return {
      line: `schemathesis ${VERSION}: ${cases} requests, ${failed} failed`,
      passed: cases - failed,
      failed,
    };
  } finally {
    await server.close();
    await world.close();
  }
}
