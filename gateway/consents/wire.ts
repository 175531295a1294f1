import type { Logger } from 'pino';
import type { ChainReader } from '../../chains/clients/ports.ts';
import type { Database } from '../../db/connection.ts';
import { wadFromNumber } from '../../risk/units/decimal.ts';
import type { Clock } from '../../risk/units/time.ts';
import type { NetworkConfig } from '../config/network.ts';
import type { Evaluate } from '../engine/margin-port.ts';
import type { MarginService } from '../engine/margin-service.ts';
import type { RiskConfiguration } from '../engine/risk-configuration.ts';
import type { Cleanup } from '../runtime/cleanup.ts';
import type { VenueAccounts } from '../venues/venue-accounts.ts';
import { mayBeOnChain, venuesOf } from '../venues/venue-list.ts';
import { consentIndex } from './consent-index.ts';
import { databaseConsents } from './consents.ts';
import { type LiveNetting, liveNetting } from './live-netting.ts';
import { type PastNetting, pastNetting } from './past-netting.ts';
import type { ConsentsPort } from './port.ts';

export interface ConsentWiring {
  readonly consents: ConsentsPort;
  readonly netting: LiveNetting | null;
  readonly pastNetting: PastNetting | null;
  readonly loadConsents: () => Promise<void>;
}

/** Consents of a deployment; where its network file has none, nothing is netted, listened for or asked. */
export function consentWiring(options: {
  readonly network: NetworkConfig;
  readonly database: Database;
  readonly readers: ReadonlyMap<string, ChainReader>;
  readonly configuration: RiskConfiguration;
  readonly held: VenueAccounts;
  readonly evaluate: Evaluate;
  readonly margin: MarginService;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cleanup: Cleanup;
}): ConsentWiring {
  const { network, database, readers, configuration, held, evaluate, margin, clock, logger, cleanup } =
    options;
  const { consents: settings, chains } = network;
  const port = (domain: ConsentsPort['domain'], reader: ChainReader | null) =>
    databaseConsents({ database, domain, reader, accounts: held, configuration, clock });
  if (settings === null) {
    return { consents: port(null, null), netting: null, pastNetting: null, loadConsents: async () => {} };
  }
  const { deployment, haircut, maxBookAgeSeconds } = settings;
  const { chainId } = chains.find(({ id }) => id === settings.chain)!;
  const index = consentIndex({ database, clock, logger });
  cleanup.add('consents', () => index.close());
  const rules = { haircutWad: wadFromNumber(haircut), maxBookAgeMs: maxBookAgeSeconds * 1000 };
  const model = configuration.model;
  const onChain = (protocol: string, accountId: string) =>
    mayBeOnChain(accountId) && venuesOf(chains, protocol).length > 0;
  return {
    consents: port({ chainId, deployment }, readers.get(settings.chain) ?? null),
    netting: liveNetting({ database, index, held, evaluate, margin, model, rules, clock }),
    pastNetting: pastNetting({ database, onChain, model, rules }),
    loadConsents: () => index.reload(),
  };
}
