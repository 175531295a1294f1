import { parentPort } from 'node:worker_threads';
import { type AnalysisTask, analyse } from './analysis.ts';
import { AnalysisTooLargeError } from './analysis-errors.ts';

/** What the thread sends back for one task. */
export type AnalysisReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly tooLarge: number }
  | { readonly id: number; readonly error: unknown };

const port = parentPort;
port?.on('message', ({ id, task }: { readonly id: number; readonly task: AnalysisTask }) => {
  port.postMessage(answer(id, task));
});

function answer(id: number, task: AnalysisTask): AnalysisReply {
  try {
    return { id, result: analyse(task) };
  } catch (error) {
    // A class does not survive the crossing; the one that callers tell apart is sent as what it says.
    if (error instanceof AnalysisTooLargeError) return { id, tooLarge: Number(error.details.limit) };
    return { id, error };
  }
}
