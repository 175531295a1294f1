import { parseArgs } from 'node:util';
import { BreakwaterError } from '../../risk/errors.ts';
import { startEmbeddedPostgres } from '../embedded.ts';
import { backupDatabase } from './backup.ts';
import { restoreDatabase } from './restore.ts';

const USAGE = `usage: npx tsx db/backup/main.ts (backup | restore) FILE [--data-dir DIR]

Works on DATABASE_URL, or on the embedded server's data directory while no Breakwater runs on it.`;

/** Runs one command line; returns the exit code. */
async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { 'data-dir': { type: 'string' } },
  });
  const [command, file] = positionals;
  const dataDir = values['data-dir'];
  const url = process.env.DATABASE_URL;
  if (!file || positionals.length !== 2 || (command !== 'backup' && command !== 'restore')) {
    console.error(USAGE);
    return 2;
  }
  if ((dataDir === undefined) === (url === undefined)) {
    console.error('set either DATABASE_URL or --data-dir');
    return 2;
  }
  const server = dataDir === undefined ? null : await startEmbeddedPostgres({ dataDir });
  try {
    const run = command === 'backup' ? backupDatabase : restoreDatabase;
    const rows = await run(server?.url ?? url!, file);
    console.log(JSON.stringify({ command, file, rows }));
    return 0;
  } finally {
    await server?.stop();
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(error instanceof BreakwaterError ? `${error.type}: ${error.message}` : error);
    process.exitCode = 1;
  },
);
