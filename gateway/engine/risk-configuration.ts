import { createHash } from 'node:crypto';
import type { MarketDefinition } from '../../risk/modules/module.ts';
import { type AnyRiskModule, findModule } from '../../risk/modules/registry.ts';
import type { NetworkConfig } from '../config/network.ts';
import type { LendingOverrides } from '../governance/lending-overrides.ts';
import { Listing } from './instruments.ts';

/** A module with the parameters that a deployment gives it. */
export interface RiskModel {
  readonly module: AnyRiskModule;
  readonly parameters: unknown;
  /** SHA-256 (hex) of module id, version and all parameters with their defaults, in canonical JSON. */
  readonly parametersHash: string;
  /** Lending terms that the protocol set over those of the deployment; null or absent: none. */
  readonly lending?: LendingOverrides | null;
}

/** What a request names: id and version of a module. */
export interface ModuleRef {
  readonly id: string;
  readonly version: string;
}

/** The module, parameters and markets that margin every account of a deployment. */
export interface RiskConfiguration extends RiskModel {
  readonly markets: ReadonlyMap<string, MarketDefinition>;
  /** The markets with the options on top. */
  readonly listing: Listing;
  /** Assets of the markets in id order, and the feed that prices each. */
  readonly assetFeeds: ReadonlyMap<string, string>;
  /** The module that was named, null = that of the deployment. @throws ModuleNotFoundError */
  model(ref: ModuleRef | null): RiskModel;
}

/** @throws ModuleNotFoundError, InvalidInputError naming the parameter */
export function riskConfiguration(network: NetworkConfig): RiskConfiguration {
  const own = modelOf(network.module, network.module.parameters);
  const models = new Map(
    [network.module, ...network.otherModules].map(
      (one) => [keyOf(one), modelOf(one, one.parameters)] as const,
    ),
  );
  const assetFeeds = new Map(
    network.markets
      .map(({ asset, feedId }): [string, string] => [asset, feedId])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const markets = new Map(network.markets.map((market) => [market.id, market]));
  return {
    ...own,
    markets,
    listing: new Listing(markets, network.options),
    assetFeeds,
    model(ref) {
      if (ref === null) return own;
      const known = models.get(keyOf(ref)) ?? modelOf(ref, {});
      models.set(keyOf(ref), known);
      return known;
    },
  };
}

const keyOf = ({ id, version }: ModuleRef) => `${id}@${version}`;

/** @throws ModuleNotFoundError, InvalidInputError naming the parameter */
function modelOf({ id, version }: ModuleRef, given: unknown): RiskModel {
  const module = findModule(id, version);
  const parameters = module.parseParameters(given);
  const text = canonicalJson({ id, version, parameters });
  return { module, parameters, parametersHash: createHash('sha256').update(text).digest('hex') };
}

/** JSON with sorted keys, so that equal values have equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, node: unknown) =>
    node !== null && typeof node === 'object' && !Array.isArray(node)
      ? Object.fromEntries(Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1)))
      : node,
  );
}
