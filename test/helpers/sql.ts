import pg from 'pg';
import { backupTables } from '../../db/backup/tables.ts';

/** Runs one statement on a connection of its own. */
export async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Every table's content as the server prints it. */
export async function content(url: string): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {};
  for (const table of backupTables()) {
    all[table] = await query(url, `select t::text as row from ${table} t order by 1`);
  }
  return all;
}
