import { BreakwaterError } from '../../risk/errors.ts';

/** The question would value more positions than one analysis may; nothing of it is answered. */
export class AnalysisTooLargeError extends BreakwaterError {
  override readonly name = 'AnalysisTooLargeError';
  constructor(limit: number) {
    super(`the analysis would value more than ${limit} positions, over all its trials`, {
      type: 'analysis-too-large',
      kind: 'unprocessable',
      details: { limit },
    });
  }
}

/** The thread of analyses has as much to do as it may keep waiting, or is closing. */
export class AnalysisBusyError extends BreakwaterError {
  override readonly name = 'AnalysisBusyError';
  constructor(why: string) {
    super(`no analysis can be taken now: ${why}`, { type: 'analysis-busy', kind: 'unavailable' });
  }
}
