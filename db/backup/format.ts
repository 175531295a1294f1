import { z } from 'zod';
import { BreakwaterError } from '../../risk/errors.ts';

/**
 * A backup is one gzip file of lines: a header, then for each table a line that names it and one line per row (as
 * PostgreSQL writes it in JSON), then a footer with the number of rows per table and a hash of all lines before it.
 */
export const FORMAT = 'breakwater-backup';
export const VERSION = 1;

export const headerSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  createdAt: z.iso.datetime(),
  /** Migrations behind the schema that was written, in order. */
  migrations: z.array(z.string()).min(1),
});
export type BackupHeader = z.infer<typeof headerSchema>;

export const footerSchema = z.strictObject({
  /** Rows per table. */
  rows: z.record(z.string(), z.int().nonnegative()),
  /** SHA-256 (hex) of every line before the footer, each with its newline. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type BackupFooter = z.infer<typeof footerSchema>;

/** A line that opens a table's rows. Rows are objects too, but never have exactly this one property. */
export const tableLine = (table: string): string => JSON.stringify({ $table: table });
export const footerLine = (footer: BackupFooter): string => JSON.stringify({ $end: footer });

/** The file is not a whole backup, or not one for this version; nothing was restored. */
export class BackupFileError extends BreakwaterError {
  override readonly name = 'BackupFileError';
  constructor(file: string, why: string) {
    super(`${file}: ${why}`, { type: 'backup-file', kind: 'unprocessable', details: { file, why } });
  }
}

/** The database holds data already; a restore would mix two states. */
export class DatabaseNotEmptyError extends BreakwaterError {
  override readonly name = 'DatabaseNotEmptyError';
  constructor(table: string) {
    super(`the database is not empty: table ${table} exists; restore into a new one`, {
      type: 'database-not-empty',
      kind: 'conflict',
      details: { table },
    });
  }
}
