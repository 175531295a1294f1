import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Binaries } from '../db/embedded/binaries.ts';
import { startEmbeddedPostgres } from '../db/embedded.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const USAGE = `npm run test:matrix -- [--only SETTING] [FILE ...] [OPTIONS OF VITEST]

Runs the tests of db/, jobs/ and HTTP whose answer may depend on the service below them, in every setting:
  embedded      the PostgreSQL of the npm package, queues on it: what \`npm test\` does
  postgres-15   a PostgreSQL 15 of this machine (POSTGRES_15_BIN: directory of initdb and postgres)
  redis         queues on Redis (redis-server on PATH)
Services are started on free ports and stopped.`;

/** Files that use a helper, or stand in a directory. */
interface Setting {
  readonly files: readonly string[];
  start(): Promise<{ readonly environment: Record<string, string>; stop(): Promise<void> }>;
}

const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(unit|prop|vector|chain|http|browser|fault)\.ts$/.test(path))
  .map((path) => `test/${path}`)
  .sort();
const using = (...helpers: readonly string[]) =>
  files.filter((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    return helpers.some((helper) => text.includes(`/helpers/${helper}.ts'`));
  });
const nothing = async () => ({ environment: {}, stop: async () => undefined });

const SETTINGS: Readonly<Record<string, Setting>> = {
  embedded: { files: using('postgres', 'queues', 'redis'), start: nothing },
  'postgres-15': { files: using('postgres'), start: startPostgres15 },
  redis: {
    files: using('queues', 'redis'),
    start: async () => ({ environment: { TEST_QUEUES: 'redis' }, stop: async () => undefined }),
  },
};

/** Text sorts as in a dictionary, as in most installations, and not by code point as in the embedded server. */
const ENGLISH = ['--locale=C', '--locale-provider=icu', '--icu-locale=en-US'];

function postgres15(): Binaries {
  const { POSTGRES_15_BIN } = process.env;
  const places = POSTGRES_15_BIN ? [POSTGRES_15_BIN] : ['/usr/lib/postgresql/15/bin', '/usr/pgsql-15/bin'];
  for (const place of places) {
    const postgres = join(place, 'postgres');
    const { stdout } = spawnSync(postgres, ['--version'], { encoding: 'utf8' });
    if (/\(PostgreSQL\) 15\./.test(stdout ?? ''))
      return { postgres, initdb: join(place, 'initdb'), locale: ENGLISH };
  }
  throw new Error(`no PostgreSQL 15 in ${places.join(' or ')}: install it, or name it in POSTGRES_15_BIN`);
}

async function startPostgres15() {
  const dataDir = mkdtempSync(join(tmpdir(), 'breakwater-postgres-15-'));
  const forget = () => rmSync(dataDir, { recursive: true, force: true });
  try {
    const server = await startEmbeddedPostgres({ dataDir, sync: false, binaries: postgres15() });
    return {
      environment: { TEST_DATABASE_URL: server.url },
      stop: () => server.stop().finally(forget),
    };
  } catch (error) {
    forget();
    throw error;
  }
}

async function run(name: string, setting: Setting, given: readonly string[]): Promise<boolean> {
  const { environment, stop } = await setting.start();
  try {
    const own = given.some((one) => !one.startsWith('-'));
    const args = ['node_modules/vitest/vitest.mjs', 'run', ...(own ? [] : setting.files), ...given];
    console.log(`::: ${name}`);
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      stdio: 'inherit',
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    return code === 0;
  } finally {
    await stop();
  }
}

const { values, tokens } = parseArgs({
  options: { only: { type: 'string' }, help: { type: 'boolean' } },
  strict: false,
  allowPositionals: true,
  tokens: true,
});
const only = values.only;
if (values.help === true) {
  console.log(USAGE);
} else if (only !== undefined && (typeof only !== 'string' || !(only in SETTINGS))) {
  console.error(`--only: ${String(only)} is none of ${Object.keys(SETTINGS).join(', ')}`);
  process.exitCode = 1;
} else {
  const ours = new Set(
    tokens.flatMap((token) => {
      if (token.kind !== 'option' || token.name !== 'only') return [];
      return token.inlineValue ? [token.index] : [token.index, token.index + 1];
    }),
  );
  const given = process.argv.slice(2).filter((_, index) => !ours.has(index));
  let passed = 0;
  const failed: string[] = [];
  for (const [name, setting] of Object.entries(SETTINGS)) {
    if (only !== undefined && only !== name) continue;
    if (await run(name, setting, given)) passed += 1;
    else failed.push(name);
  }
  console.log(`settings: ${passed} passed, ${failed.length} failed ${failed.join(', ')}`.trim());
  process.exitCode = failed.length === 0 ? 0 : 1;
}
