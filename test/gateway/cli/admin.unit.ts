import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../../db/connection.ts';
import { loadKeys } from '../../../db/queries/api-keys.ts';
import { hashKey } from '../../../gateway/auth/keys.ts';
import { execute } from '../../../gateway/cli/command.ts';
import { auditCommand } from '../../../gateway/cli/commands/audit.ts';
import { keysCommand } from '../../../gateway/cli/commands/keys.ts';
import { proposalsCommand } from '../../../gateway/cli/commands/proposals.ts';
import { webhooksCommand } from '../../../gateway/cli/commands/webhooks.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { runEntry } from '../../helpers/program.ts';

let postgres: TestPostgres;
let database: Database;
const directory = mkdtempSync(join(tmpdir(), 'breakwater-admin-'));
beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.openMigrated();
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await postgres.stop();
});

const COMMANDS = {
  keys: keysCommand,
  proposals: proposalsCommand,
  audit: auditCommand,
  webhooks: webhooksCommand,
};

/** Runs a command in this process. */
async function run(command: keyof typeof COMMANDS, ...args: string[]) {
  let output = '';
  const write = (line: string) => {
    output += `${line}\n`;
  };
  const environment = { DATABASE_URL: database.url };
  const code = await execute(COMMANDS[command], { args, environment, print: write, complain: write });
  return { code, output };
}

describe('npm run keys', () => {
  test('creates, lists, rotates and revokes; secrets are shown once and stored as hashes', async () => {
    const made = await run(
      'keys',
      'create',
      '--protocol',
      'venue',
      '--scopes',
      'read,admin',
      '--expires',
      '90d',
    );
    expect(made.code, made.output).toBe(0);
    const secret = /not stored\): (\S+)/.exec(made.output)![1]!;
    const id = /^id: (\S+)$/m.exec(made.output)![1]!;
    expect(secret.startsWith(`${id}_`)).toBe(true);
    const stored = await loadKeys(database.orm);
    expect(stored.keys).toMatchObject([
      { id, protocol: 'venue', scopes: ['read', 'admin'], hash: hashKey(secret) },
    ]);

    const rotated = await run('keys', 'rotate', id, '--overlap', '1h');
    const next = /^id: (\S+)$/m.exec(rotated.output)![1]!;
    expect((await run('keys', 'revoke', id)).output).toContain(`${id} of venue is revoked`);
    const listed = await run('keys', 'list', '--protocol', 'venue');
    expect(listed.output).toMatch(new RegExp(`${id} +venue +revoked +read,admin`));
    expect(listed.output).toMatch(new RegExp(`${next} +venue +active +read,admin`));
    expect(listed.output).not.toContain(secret);
    expect((await run('keys', 'quota', '--protocol', 'venue', '--per-minute', '600')).code).toBe(0);
    expect((await loadKeys(database.orm)).quotas).toEqual(new Map([['venue', 600]]));
  });

  test.each([
    [[], /usage: npm run keys/],
    [['create'], /--protocol: is required/],
    [['create', '--protocol', 'Venue!'], /--protocol: must be of a-z/],
    [['create', '--protocol', 'venue', '--scopes', 'read,all'], /--scopes: must be of/],
    [['create', '--protocol', 'venue', '--expires', 'soon'], /--expires: must be a duration/],
    [['create', '--protocol', 'venue', '--colour', 'red'], /Unknown option '--colour'/],
  ])('says what is wrong with %j', async (args, message) => {
    const { code, output } = await run('keys', ...args);
    expect(code).toBe(2);
    expect(output).toMatch(message);
  });

  test('an unknown key is one, with exit code 1', async () => {
    expect(await run('keys', 'revoke', 'bw_aaaaaaaaaa')).toEqual({
      code: 1,
      output: "no API key 'bw_aaaaaaaaaa'\n",
    });
  });
});

describe('npm run proposals and audit', () => {
  test('name who decides, and the log of it verifies until a row is changed', async () => {
    const bounds = join(directory, 'bounds.json');
    writeFileSync(bounds, JSON.stringify({ '**': { maxRelativeChange: 0.5 } }));
    const signers = `0x${'0A'.repeat(20)},0x${'0b'.repeat(20)}`;
    const args = ['--protocol', 'venue', '--signers', signers, '--threshold', '2', '--time-lock', '2h'];
    const set = await run('proposals', 'policy', ...args, '--bounds', bounds);
    expect(set.code, set.output).toBe(0);
    expect(JSON.parse(set.output)).toMatchObject({
      signers: [`0x${'0a'.repeat(20)}`, `0x${'0b'.repeat(20)}`],
      threshold: 2,
      timeLockSeconds: 7200,
      noticeSeconds: 86_400,
      bounds: { '**': { maxRelativeChange: 0.5 } },
    });
    const few = await run(
      'proposals',
      'policy',
      '--protocol',
      'venue',
      '--signers',
      signers,
      '--threshold',
      '3',
    );
    expect(few).toMatchObject({ code: 2, output: '--threshold: is more than there are signers\n' });

    const intact = await run('audit', 'verify');
    expect(intact.code, intact.output).toBe(0);
    const head = /^head (venue:\d+:[0-9a-f]{64})$/m.exec(intact.output)![1]!;
    expect(intact.output).toMatch(/entries in 1 chains: intact/);
    expect((await run('audit', 'verify', '--expect', head)).code).toBe(0);
    await database.pool.query(
      `alter table audit_log disable trigger user; update audit_log set actor = 'nobody' where sequence = 1`,
    );
    const changed = await run('audit', 'verify');
    expect(changed.code).toBe(1);
    expect(changed.output).toContain('changed venue entry 1: its content does not have its hash');
  });
});

describe('npm run webhooks', () => {
  test('lists dead messages and refuses what is not there', async () => {
    expect(await run('webhooks', 'dead')).toMatchObject({ code: 0 });
    expect(await run('webhooks', 'replay', 'msg_x')).toEqual({ code: 1, output: "no delivery 'msg_x'\n" });
    expect((await run('webhooks', 'replay')).code).toBe(2);
  });
});

test('the entry points run', async () => {
  const program = runEntry('gateway/cli/audit.ts', ['verify'], {
    DATABASE_URL: await postgres.createDatabase(),
  });
  expect(await program.exited, program.output()).toBe(0);
  expect(program.output()).toBe('0 entries in 0 chains: intact\n');
});
