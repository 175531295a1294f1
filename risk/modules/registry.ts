import { BreakwaterError } from '../errors.ts';
import { fixedModule } from './fixed/module.ts';
import type { RiskModule } from './module.ts';
import {
  scenarioModuleV1,
  scenarioModuleV2,
  scenarioModuleV21,
  scenarioModuleV22,
} from './scenario/module.ts';
import { standardModule, standardModuleV11, standardModuleV12 } from './standard/module.ts';
import { tailModule, tailModuleV11, tailModuleV12 } from './tail/module.ts';

/** No module has this id and version. */
export class ModuleNotFoundError extends BreakwaterError {
  override readonly name = 'ModuleNotFoundError';
  readonly moduleId: string;
  readonly moduleVersion: string;
  constructor(moduleId: string, moduleVersion: string) {
    super(`no risk module ${moduleId}@${moduleVersion}`, {
      type: 'module-not-found',
      kind: 'not-found',
      details: { id: moduleId, version: moduleVersion },
    });
    this.moduleId = moduleId;
    this.moduleVersion = moduleVersion;
  }
}

/**
 * A module whose parameter type only the module itself knows: parameters come from its own `parseParameters` or
 * `defaultParameters`.
 */
export type AnyRiskModule = RiskModule<unknown>;

function erase<P>(module: RiskModule<P>): AnyRiskModule {
  return module as unknown as AnyRiskModule;
}

const MODULES: readonly AnyRiskModule[] = [
  erase(fixedModule),
  erase(scenarioModuleV1),
  erase(scenarioModuleV2),
  erase(scenarioModuleV21),
  erase(scenarioModuleV22),
  erase(standardModule),
  erase(standardModuleV11),
  erase(standardModuleV12),
  erase(tailModule),
  erase(tailModuleV11),
  erase(tailModuleV12),
];

/** Every module and version, in id and version order. */
export function listModules(): readonly AnyRiskModule[] {
  return MODULES;
}

/** @throws ModuleNotFoundError */
export function findModule(id: string, version: string): AnyRiskModule {
  const found = MODULES.find((module) => module.id === id && module.version === version);
  if (!found) throw new ModuleNotFoundError(id, version);
  return found;
}
