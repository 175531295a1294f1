import { parseArgs } from 'node:util';
import { gatewayAccount } from '../../chains/devnet/keys.ts';
import { createLogger } from '../app/logger.ts';
import { readEnvironment } from '../config/env.ts';
import { withSecretFiles } from '../config/secret-files.ts';
import { parseDemoOptions } from '../demo/options.ts';
import { firstAnswer } from '../demo/self-check.ts';
import { startDemo } from '../demo/start-demo.ts';
import { checkConfiguration, checkNetwork } from '../doctor/configuration.ts';
import { examine } from '../doctor/examine.ts';
import { type Finding, findingsOf } from '../doctor/finding.ts';
import { exitCodeOf, jsonReport, textReport } from '../doctor/report.ts';
import { type ProgramContext, runProgram } from '../runtime/run-program.ts';
import { WallClock } from '../runtime/wall-clock.ts';

const USAGE = `npm run doctor -- [--network FILE | --demo] [--patience SECONDS] [--json]

Looks at configuration, database, queue, API keys, RPC endpoints, keys on chain, clock, feeds and model of a deployment,
and says of each ok, warning or failed, and what to do. Reads the environment of the service and NETWORK_FILE; changes
nothing.
  --network FILE       instead of NETWORK_FILE
  --demo               starts the demo on a free port and looks at that
  --patience SECONDS   how long the sources have for their first price, 1 to 600 (default 20)
  --json               one JSON document
Exit code: 0 all in order or warnings only, 1 something failed, 2 wrong usage.`;

const write = (text: string) => process.stdout.write(`${text}\n`);

async function examineDemo({ cleanup, signal }: ProgramContext, patienceMs: number) {
  const environment = { LOG_LEVEL: 'error', ...process.env, PORT: '0', HOST: '127.0.0.1' };
  const config = readEnvironment(environment);
  const logger = createLogger(config.logLevel, process.stderr);
  const demo = await startDemo({ demo: parseDemoOptions([]), config, logger, cleanup });
  await firstAnswer(demo.url, signal);
  const { service, clock } = demo;
  const { network } = service.engine;
  const examined = await examine({
    config: { ...config, databaseUrl: service.database.url, redisUrl: null },
    network,
    clock,
    hermesApiKey: null,
    patienceMs,
    keys: { account: gatewayAccount() },
  });
  return [
    findingsOf('configuration').ok('environment', 'of the demo'),
    ...checkNetwork(network, {}),
    ...examined,
  ];
}

async function examineDeployment(file: string | null, patienceMs: number): Promise<readonly Finding[]> {
  const { config, network, findings } = checkConfiguration(process.env, file);
  const keyName = network?.hermes?.apiKeyEnv ?? null;
  const hermesApiKey = keyName === null ? null : (withSecretFiles(process.env, [keyName])[keyName] ?? null);
  const clock = new WallClock();
  return [...findings, ...(await examine({ config, network, clock, hermesApiKey, patienceMs }))];
}

await runProgram('doctor', async (context) => {
  let values: { network?: string; demo?: boolean; patience?: string; json?: boolean; help?: boolean };
  try {
    ({ values } = parseArgs({
      options: {
        network: { type: 'string' },
        demo: { type: 'boolean' },
        patience: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${USAGE}\n`);
    return 2;
  }
  const patience = values.patience ?? '20';
  if (values.help) {
    write(USAGE);
    return 0;
  }
  const seconds = /^\d{1,3}$/.test(patience) ? Number(patience) : 0;
  if (seconds < 1 || seconds > 600 || (values.demo === true && values.network !== undefined)) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const findings = values.demo
    ? await examineDemo(context, seconds * 1000)
    : await examineDeployment(values.network ?? null, seconds * 1000);
  write(values.json ? jsonReport(findings) : textReport(findings));
  return exitCodeOf(findings);
});
