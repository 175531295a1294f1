import type { PinnedConfiguration } from '../../db/queries/governance.ts';
import type { StoredProposal } from '../../db/queries/proposals.ts';
import { leavesOf } from './bounds.ts';
import { type DeploymentModel, type PinnedModel, pinnedModel } from './pinned-model.ts';
import type { ParameterChange } from './port.ts';

/** Every parameter, with its default, that is another in `after`; by path. */
export function changesBetween(before: PinnedModel, after: PinnedModel): readonly ParameterChange[] {
  const leaves = ({ parameters, lending }: PinnedModel) =>
    leavesOf(lending ? { ...(parameters as object), lending } : parameters);
  const [old, next] = [leaves(before), leaves(after)];
  return [...new Set([...old.keys(), ...next.keys()])]
    .sort()
    .filter((path) => JSON.stringify(old.get(path)) !== JSON.stringify(next.get(path)))
    .map((path) => ({ path, before: old.get(path) ?? null, after: next.get(path) ?? null }));
}

/**
 * What proposals change against what each was made over: an accepted configuration (`accepted`, all of the protocol) or that
 * of the deployment. null where it was another deployment's, whose parameters nobody keeps.
 */
export function changesOf(
  deployment: DeploymentModel,
  accepted: readonly PinnedConfiguration[],
): (proposal: StoredProposal) => readonly ParameterChange[] | null {
  const bases = new Map<string, PinnedModel>([[deployment.parametersHash, deployment]]);
  const base = (hash: string): PinnedModel | null => {
    const known = bases.get(hash);
    if (known !== undefined) return known;
    const row = accepted.find(({ parametersHash }) => parametersHash === hash);
    if (row === undefined) return null;
    const model = pinnedModel(row.moduleId, row.moduleVersion, row.parameters);
    bases.set(hash, model);
    return model;
  };
  return ({ baseHash, moduleId, moduleVersion, parameters }) => {
    const before = base(baseHash);
    return before === null ? null : changesBetween(before, pinnedModel(moduleId, moduleVersion, parameters));
  };
}
