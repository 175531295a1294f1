import { join } from 'node:path';
import { type Database, openDatabase } from '../../db/connection.ts';
import { DataDirectoryInUseError } from '../../db/embedded/errors.ts';
import { runningServerUrl } from '../../db/embedded/running.ts';
import { startEmbeddedPostgres } from '../../db/embedded.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import { readEnvironment } from '../config/env.ts';

/**
 * Gives a command line the database of the deployment: DATABASE_URL, or the embedded server of DATA_DIR, running under
 * another process or started for the while.
 * @throws ConfigurationError, DatabaseUnavailableError
 */
export async function withDatabase<T>(
  environment: Readonly<Record<string, string | undefined>>,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const { databaseUrl, dataDir } = readEnvironment(environment);
  const opened = databaseUrl === null ? await openEmbedded(join(dataDir, 'postgres')) : null;
  const url = databaseUrl ?? opened!.url;
  try {
    await migrateDatabase(url);
    const database = openDatabase({ url, maxConnections: 2 });
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  } finally {
    await opened?.stop();
  }
}

/** The embedded server: that of another process, or one started for the while. */
export async function openEmbedded(
  dataDir: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  try {
    return await startEmbeddedPostgres({ dataDir });
  } catch (error) {
    if (!(error instanceof DataDirectoryInUseError)) throw error;
    const url = runningServerUrl(dataDir, 'breakwater');
    if (url === null) throw error;
    return { url, stop: async () => undefined };
  }
}
