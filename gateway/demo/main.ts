import { createLogger } from '../app/logger.ts';
import { readEnvironment } from '../config/env.ts';
import { runProgram, untilAborted } from '../runtime/run-program.ts';
import { DEMO_USAGE, parseDemoOptions } from './options.ts';
import { firstAnswer, OPTIONS_MODULE, selfCheck, storeDemoBook, storeOptionsBook } from './self-check.ts';
import { startDemo } from './start-demo.ts';

const ACCOUNT = 'demo';
const OPTIONS_ACCOUNT = 'options';

/** What a newcomer can do next, with the addresses as they are. */
function invitation(url: string, market: string, seconds: number): string {
  return `
Breakwater demo, ready after ${seconds.toFixed(1)} s
  market       ${market}
  API          ${url}/v1/prices
  API browser  ${url}/docs
  try          curl -s ${url}/v1/accounts/${ACCOUNT}/margin
               curl -s '${url}/v1/accounts/${ACCOUNT}/margin/predicted?horizon=24h&quantile=0.95'
               curl -s '${url}/v1/accounts/${OPTIONS_ACCOUNT}/margin?module=${OPTIONS_MODULE}'
               curl -s ${url}/v1/prices/BTC-USD/evidence
  stop         Ctrl-C

`;
}

await runProgram('demo', async ({ cleanup, signal }) => {
  const demo = parseDemoOptions(process.argv.slice(2));
  if (demo.help) {
    process.stdout.write(`${DEMO_USAGE}\n`);
    return 0;
  }
  const ownPort = demo.check && demo.port === null ? { PORT: '0' } : {};
  const config = readEnvironment({ LOG_LEVEL: 'warn', ...process.env, ...ownPort });
  // Logs go to the error stream: a self-check prints one JSON document and nothing else.
  const logger = createLogger(config.logLevel, process.stderr);
  const running = await startDemo({ demo, config, logger, cleanup });
  const answeredMs = await firstAnswer(running.url, signal);
  if (demo.check) {
    const summary = await selfCheck(running, answeredMs, signal);
    process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    return 0;
  }
  await storeDemoBook(running.url, ACCOUNT);
  await storeOptionsBook(running.url, OPTIONS_ACCOUNT);
  process.stdout.write(invitation(running.url, running.source.description, answeredMs / 1000));
  const ended = new Promise<string>((resolve) => running.driver.onFinished((_, message) => resolve(message)));
  const message = await Promise.race([ended, untilAborted(signal)]);
  if (message !== undefined && !signal.aborted) process.stdout.write(`${message}\n`);
  return 0;
});
