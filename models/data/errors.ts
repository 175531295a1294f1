import { BreakwaterError } from '../../risk/errors.ts';

/** A line of a data file that cannot be read as what it should be. `line` counts from 1, the header included. */
export class DataFileError extends BreakwaterError {
  override readonly name = 'DataFileError';
  readonly file: string;
  readonly line: number;
  constructor(file: string, line: number, problem: string, cause?: unknown) {
    super(`${file}:${line}: ${problem}`, {
      type: 'bad-data-file',
      kind: 'unprocessable',
      issues: [{ field: `${file}:${line}`, message: problem }],
      details: { file, line },
      retryable: false,
      cause,
    });
    this.file = file;
    this.line = line;
  }
}
