import { machine } from '../timing.ts';
import { costByFeeds } from './feeds.ts';
import { sourceToVerdict } from './latency.ts';
import { signaturesPerSecond } from './signatures.ts';
import { verdictsPerSecond } from './verdicts.ts';

/** The oracles' figures; docs/performance.md says what each row means. */
export async function run(): Promise<void> {
  console.log(`${machine()}; CPU time but for (b), so that other programs count little`);
  verdictsPerSecond();
  await sourceToVerdict();
  costByFeeds();
  await signaturesPerSecond();
}
