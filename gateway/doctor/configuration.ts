import { BreakwaterError } from '../../risk/errors.ts';
import { ConfigurationError } from '../config/config-error.ts';
import { type GatewayConfig, readEnvironment } from '../config/env.ts';
import { loadNetworkFile } from '../config/load-network.ts';
import { isLoopback } from '../config/loopback.ts';
import type { NetworkConfig } from '../config/network.ts';
import { riskConfiguration } from '../engine/risk-configuration.ts';
import { type Finding, findingsOf } from './finding.ts';

const { ok, warning, failed } = findingsOf('configuration');

type Environment = Readonly<Record<string, string | undefined>>;

/** What could be read; null where a problem was found, which is then among the findings. */
export interface CheckedConfiguration {
  readonly config: GatewayConfig | null;
  readonly network: NetworkConfig | null;
  readonly findings: readonly Finding[];
}

function problems(what: string, error: unknown): readonly Finding[] {
  if (!(error instanceof BreakwaterError)) throw error;
  const issues = error instanceof ConfigurationError ? error.issues : [];
  if (issues.length === 0) return [failed(what, error.message, 'correct it as described in docs/live.md')];
  return issues.map(({ field, message }) =>
    failed(`${what} ${field}`, message, `correct ${field}; docs/live.md describes each`),
  );
}

/** Reads the environment and the network file (`file`, else NETWORK_FILE) as a start would. */
export function checkConfiguration(environment: Environment, file: string | null): CheckedConfiguration {
  let config: GatewayConfig;
  try {
    config = readEnvironment(environment);
  } catch (error) {
    return { config: null, network: null, findings: problems('environment', error) };
  }
  const findings: Finding[] = [ok('environment', 'every variable is valid')];
  const path = file ?? config.networkFile;
  if (path === null) {
    const action =
      'set NETWORK_FILE or give --network FILE, e.g. ops/networks/ethereum.json; --demo needs none';
    findings.push(failed('network file', 'none is named', action));
    return { config, network: null, findings };
  }
  try {
    const network = loadNetworkFile(path, environment);
    return { config, network, findings: [...findings, ...checkNetwork(network, environment)] };
  } catch (error) {
    return { config, network: null, findings: [...findings, ...problems('network file', error)] };
  }
}

/** What a start would refuse of a network that could be read, and what it would work without. */
export function checkNetwork(network: NetworkConfig, environment: Environment): readonly Finding[] {
  const findings: Finding[] = [];
  const { chains, feeds, markets, hermes } = network;
  try {
    const { module } = riskConfiguration(network);
    const size = `${chains.length} chains, ${feeds.length} feeds, ${markets.length} markets`;
    findings.push(ok(`network ${network.name}`, `${size}, module ${module.id}@${module.version}`));
  } catch (error) {
    findings.push(...problems('network file', error));
  }
  for (const chain of chains) {
    if (chain.rpcUrls.length > 1) continue;
    // One endpoint of this machine, as in the demo, is not something that a second one would improve.
    if (isLoopback(new URL(chain.rpcUrls[0]!).hostname)) continue;
    const action = `add a second provider to rpcUrls of ${chain.id}`;
    findings.push(warning(`chain ${chain.id}`, 'has one RPC endpoint: without it the chain is dark', action));
  }
  if (hermes === null) return findings;
  if (hermes.signerSets.length === 0) {
    const action = 'put the signer set of Pyth into hermes.signerSets, or remove the pyth-hermes sources';
    findings.push(warning('hermes.signerSets', 'is empty: every Hermes update is refused', action));
  }
  const name = hermes.apiKeyEnv;
  if (
    name !== null &&
    name !== undefined &&
    !environment[name]?.trim() &&
    !environment[`${name}_FILE`]?.trim()
  ) {
    findings.push(warning(name, 'is not set: Hermes refuses calls without a key', `set ${name}`));
  }
  return findings;
}
