import { Worker } from 'node:worker_threads';

/** A thread of this folder; a thread does not inherit the loader of TypeScript. */
export function startThread(file: string, workerData: unknown): Worker {
  const source = new URL(file, import.meta.url).href;
  const boot = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(source)}); });`;
  return new Worker(boot, { eval: true, execArgv: [], workerData });
}

/** Milliseconds on one clock for all threads of the process. */
export const sharedNow = (): number => performance.timeOrigin + performance.now();
