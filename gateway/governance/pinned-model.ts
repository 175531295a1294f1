import { createHash } from 'node:crypto';
import { type AnyRiskModule, findModule } from '../../risk/modules/registry.ts';
import { canonicalJson } from '../engine/risk-configuration.ts';

/** A module version with parameters, as the engine margins with. */
export interface PinnedModel {
  readonly module: AnyRiskModule;
  readonly parameters: unknown;
  /** SHA-256 (hex) of module id, version and all parameters with their defaults, in canonical JSON. */
  readonly parametersHash: string;
}

/** What margins a protocol that has accepted nothing yet. */
export interface DeploymentModel extends PinnedModel {
  /** Parameters before defaults. */
  readonly given: Readonly<Record<string, unknown>>;
}

/** @throws ModuleNotFoundError, InvalidInputError naming the parameter */
export function pinnedModel(moduleId: string, moduleVersion: string, given: unknown): PinnedModel {
  const module = findModule(moduleId, moduleVersion);
  const parameters = module.parseParameters(given);
  const text = canonicalJson({ id: module.id, version: module.version, parameters });
  return { module, parameters, parametersHash: createHash('sha256').update(text).digest('hex') };
}
