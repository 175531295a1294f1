import type { Program } from './program.ts';

/** A database or queue server of the cluster. */
export interface Server {
  readonly name: string;
  readonly port: number;
  readonly program: Program;
  readonly dataDir: string;
  /** Starts it where it does not run, and waits until it answers. */
  start(): Promise<void>;
}
