import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { BreakwaterError } from '../../risk/errors.ts';
import {
  BackupFileError,
  type BackupFooter,
  type BackupHeader,
  footerSchema,
  headerSchema,
} from './format.ts';

export interface BackupVisitor {
  header(header: BackupHeader): Promise<void>;
  /** Rows of one table, as PostgreSQL wrote them, some hundreds at a time. */
  rows(table: string, lines: readonly string[]): Promise<void>;
}

const BATCH = 500;

/**
 * Reads a backup from front to back and checks it on the way: order, counts, and at the end the hash. What was
 * visited counts only when this returns.
 * @throws BackupFileError
 */
export async function readBackup(file: string, visitor: BackupVisitor): Promise<BackupFooter> {
  const hash = createHash('sha256');
  const counts: Record<string, number> = {};
  let table: string | null = null;
  let batch: string[] = [];
  let seenHeader = false;
  let footer: BackupFooter | null = null;
  const flush = async () => {
    if (batch.length === 0) return;
    const lines = batch;
    batch = [];
    await visitor.rows(table!, lines);
  };
  for await (const line of linesOf(file)) {
    if (footer !== null) throw new BackupFileError(file, 'something follows the end mark');
    if (!seenHeader) {
      await visitor.header(parseHeader(file, line));
      seenHeader = true;
    } else if (line.startsWith('{"$table":')) {
      await flush();
      table = (JSON.parse(line) as { $table: string }).$table;
      counts[table] = 0;
    } else if (line.startsWith('{"$end":')) {
      await flush();
      footer = footerSchema.parse((JSON.parse(line) as { $end: unknown }).$end);
      continue;
    } else {
      if (table === null) throw new BackupFileError(file, 'a row comes before its table');
      counts[table]! += 1;
      batch.push(line);
      if (batch.length === BATCH) await flush();
    }
    hash.update(`${line}\n`);
  }
  if (footer === null) throw new BackupFileError(file, 'the end mark is missing: the file is cut off');
  if (footer.sha256 !== hash.digest('hex'))
    throw new BackupFileError(file, 'the hash does not fit the content');
  if (JSON.stringify(footer.rows) !== JSON.stringify(counts)) {
    throw new BackupFileError(file, 'the number of rows does not fit the content');
  }
  return footer;
}

/** Splits at newlines only: node's readline would also split at U+2028, which JSON leaves as it is. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const source = createReadStream(file);
  const unzipped = source.pipe(createGunzip());
  source.on('error', (error) => unzipped.destroy(error));
  unzipped.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of unzipped) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
  } catch (error) {
    // What the reader throws into this generator is not an error of the file.
    if (error instanceof BreakwaterError) throw error;
    throw new BackupFileError(file, error instanceof Error ? error.message : String(error));
  } finally {
    source.destroy();
  }
  if (rest !== '') throw new BackupFileError(file, 'the last line is cut off');
}

function parseHeader(file: string, line: string): BackupHeader {
  try {
    return headerSchema.parse(JSON.parse(line));
  } catch {
    throw new BackupFileError(file, 'this is not a backup of a known version');
  }
}
