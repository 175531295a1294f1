import { BreakwaterError } from '../../../risk/errors.ts';

/** A history source does not answer, or refuses, after the retries. */
export class HistorySourceError extends BreakwaterError {
  override readonly name = 'HistorySourceError';
  constructor(source: string, problem: string, cause?: unknown) {
    super(`${source}: ${problem}`, {
      type: 'history-source',
      kind: 'unavailable',
      details: { source, problem },
      retryable: true,
      cause,
    });
  }
}
