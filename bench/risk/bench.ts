import { machine } from '../timing.ts';
import { accountsPerSecond, costBySize } from './accounts.ts';
import { oneAccount } from './one-account.ts';
import { optionsPerSecond } from './options.ts';
import { twoThreads } from './threads.ts';

/** The risk engine's figures; docs/performance.md says what each row means. */
export async function run(): Promise<void> {
  console.log(`${machine()}; CPU time, so that other programs count little`);
  await accountsPerSecond();
  await optionsPerSecond();
  costBySize();
  oneAccount();
  await twoThreads();
}
