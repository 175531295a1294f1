import type { HourlyBar } from '../../models/forecast.ts';
import { createLogger } from '../app/logger.ts';
import { ConfigurationError } from '../config/config-error.ts';
import { readEnvironment } from '../config/env.ts';
import { loadNetworkFile } from '../config/load-network.ts';
import { readHistory } from '../config/read-history.ts';
import { withSecretFiles } from '../config/secret-files.ts';
import { checkStartReferences } from './check-references.ts';
import type { ProgramContext } from './run-program.ts';
import { type Service, type ServiceOptions, startService } from './start-service.ts';
import { startWhenPossible } from './start-when-possible.ts';
import { WallClock } from './wall-clock.ts';

/** Market time for which a live price or margin may be acted on. */
const LIVE_VALID_MS = 30_000;
/** Wall time for the sources' first prices, before a start goes on without comparing them. */
const REFERENCE_PATIENCE_MS = 10_000;

/**
 * Starts a process of the service on the networks of NETWORK_FILE, configured by the environment.
 * @throws ConfigurationError naming every wrong variable or path
 * @throws DatabaseUnavailableError, QueueUnavailableError when they are not there for START_PATIENCE_SECONDS
 * @throws ReferencePriceError naming every source of another scale or direction than its feed's reference price
 */
export async function startLive(
  { cleanup, signal }: ProgramContext,
  roles: ServiceOptions['roles'],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Service> {
  const config = readEnvironment(environment);
  if (config.networkFile === null) {
    throw new ConfigurationError('the environment is not valid', [
      {
        field: 'NETWORK_FILE',
        message: 'must name a network file, e.g. ops/networks/ethereum.json; `npm run demo` needs none',
      },
    ]);
  }
  const network = loadNetworkFile(config.networkFile, environment);
  const history: ReadonlyMap<string, readonly HourlyBar[]> = roles.jobs
    ? await readHistory(network.history, config.networkFile)
    : new Map();
  const keyName = network.hermes?.apiKeyEnv ?? null;
  const logger = createLogger(config.logLevel);
  const { databaseUrl, redisUrl, startPatienceSeconds = 0 } = config;
  const patienceMs = startPatienceSeconds * 1000;
  const service = await startWhenPossible(
    { databaseUrl, redisUrl, patienceMs, cleanup, signal, logger },
    (attempt) =>
      startService({
        config,
        network,
        clock: new WallClock(),
        logger,
        cleanup: attempt,
        roles,
        history,
        speed: 1,
        validForMs: LIVE_VALID_MS,
        hermesApiKey: keyName === null ? null : (withSecretFiles(environment, [keyName])[keyName] ?? null),
      }),
  );
  await checkStartReferences(service.engine.book, REFERENCE_PATIENCE_MS, logger);
  return service;
}
