import { parentPort } from 'node:worker_threads';
import { BreakwaterError, type BreakwaterErrorOptions, type FailureKind } from '../../risk/errors.ts';
import { type AnalysisTask, analyse } from './analysis.ts';
import { AnalysisTooLargeError } from './analysis-errors.ts';

/** What the thread sends back for one task. */
export type AnalysisReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly tooLarge: number }
  | { readonly id: number; readonly refusal: Refusal }
  | { readonly id: number; readonly error: unknown };

/** A typed error as plain data: its class does not survive the crossing. */
export interface Refusal extends BreakwaterErrorOptions {
  readonly message: string;
}

/** What a caller may be told; any other error inside an analysis is a defect of ours. */
const PASSING: ReadonlySet<FailureKind> = new Set<FailureKind>(['unavailable', 'unprocessable']);

const port = parentPort;
port?.on('message', ({ id, task }: { readonly id: number; readonly task: AnalysisTask }) => {
  port.postMessage(answer(id, task));
});

function answer(id: number, task: AnalysisTask): AnalysisReply {
  try {
    return { id, result: analyse(task) };
  } catch (error) {
    if (error instanceof AnalysisTooLargeError) return { id, tooLarge: Number(error.details.limit) };
    const passes = error instanceof BreakwaterError && PASSING.has(error.kind);
    if (!passes) return { id, error };
    const { message, type, kind, issues, details, retryable } = error;
    return { id, refusal: { message, type, kind, issues, details, retryable } };
  }
}
