import { createHash } from 'node:crypto';
import { type AnyRiskModule, findModule } from '../../risk/modules/registry.ts';
import { canonicalJson } from '../engine/risk-configuration.ts';
import { type LendingOverrides, splitLending } from './lending-overrides.ts';

/** A module version with parameters, as the engine margins with. */
export interface PinnedModel {
  readonly module: AnyRiskModule;
  readonly parameters: unknown;
  /** Lending terms that were set over those of the deployment; null or absent: none. */
  readonly lending?: LendingOverrides | null;
  /** SHA-256 (hex) of module id, version, all parameters with their defaults and the lending terms that were set, in canonical JSON. */
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
  const { parameters: own, lending } = splitLending(given);
  const parameters = module.parseParameters(own);
  const { id, version } = module;
  const text = canonicalJson({ id, version, parameters, ...(lending === null ? {} : { lending }) });
  const parametersHash = createHash('sha256').update(text).digest('hex');
  return { module, parameters, lending, parametersHash };
}
