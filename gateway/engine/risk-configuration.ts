import { createHash } from 'node:crypto';
import type { MarketDefinition } from '../../risk/modules/module.ts';
import { type AnyRiskModule, findModule } from '../../risk/modules/registry.ts';
import type { NetworkConfig } from '../config/network.ts';

/** The module, parameters and markets that margin every account of a deployment. */
export interface RiskConfiguration {
  readonly module: AnyRiskModule;
  readonly parameters: unknown;
  /** SHA-256 (hex) of module id, version and all parameters with their defaults, in canonical JSON. */
  readonly parametersHash: string;
  readonly markets: ReadonlyMap<string, MarketDefinition>;
  /** Assets of the markets in id order, and the feed that prices each. */
  readonly assetFeeds: ReadonlyMap<string, string>;
}

/** @throws ModuleNotFoundError, InvalidInputError naming the parameter */
export function riskConfiguration(network: NetworkConfig): RiskConfiguration {
  const module = findModule(network.module.id, network.module.version);
  const parameters = module.parseParameters(network.module.parameters);
  const text = canonicalJson({ id: module.id, version: module.version, parameters });
  const assetFeeds = new Map(
    network.markets
      .map(({ asset, feedId }): [string, string] => [asset, feedId])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return {
    module,
    parameters,
    parametersHash: createHash('sha256').update(text).digest('hex'),
    markets: new Map(network.markets.map((market) => [market.id, market])),
    assetFeeds,
  };
}

/** JSON with sorted keys, so that equal values have equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, node: unknown) =>
    node !== null && typeof node === 'object' && !Array.isArray(node)
      ? Object.fromEntries(Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1)))
      : node,
  );
}
