import { deadLetterSuite } from './dead-letter-suite.ts';
import type { Connect } from './harness.ts';
import { runSuite } from './run-suite.ts';
import { shareSuite } from './share-suite.ts';

/** The same conduct on every backend. */
export function queueSuite(connect: Connect): void {
  runSuite(connect);
  shareSuite(connect);
  deadLetterSuite(connect);
}
