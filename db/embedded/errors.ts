import { BreakwaterError } from '../../risk/errors.ts';

/** Another live process works on the data directory. */
export class DataDirectoryInUseError extends BreakwaterError {
  override readonly name = 'DataDirectoryInUseError';
  readonly dataDir: string;
  readonly pid: number;
  constructor(dataDir: string, pid: number, command: string) {
    super(`the data directory ${dataDir} is in use by process ${pid} (${command})`, {
      type: 'data-directory-in-use',
      kind: 'conflict',
      details: { dataDir, pid, command },
    });
    this.dataDir = dataDir;
    this.pid = pid;
  }
}

/** The embedded server cannot be installed, initialised or started here. */
export class EmbeddedPostgresError extends BreakwaterError {
  override readonly name = 'EmbeddedPostgresError';
  constructor(why: string, details: Readonly<Record<string, unknown>> = {}) {
    super(`embedded PostgreSQL: ${why}`, { type: 'embedded-postgres-failed', kind: 'internal', details });
  }
}
