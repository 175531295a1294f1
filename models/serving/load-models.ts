import { join } from 'node:path';
import { BreakwaterError } from '../../risk/errors.ts';
import { type Artifact, ArtifactError, loadArtifact } from '../network/artifact.ts';
import { BACKENDS, type Backend, loadTensorFlow } from '../network/loader.ts';
import { NETWORK_NAME } from '../network/options.ts';
import type { PassedModel } from './describe-forecast.ts';
import { linearModels, type ModelFactory } from './market-forecaster.ts';
import { type NetworkModelsOptions, networkModels, servedVersion } from './network-models.ts';

/** The artifact of this repository. */
export const SHIPPED_ARTIFACT_DIR = join(import.meta.dirname, '../artifacts/network');

export interface LoadedModels {
  /** For createMarketModel or createMarketForecaster. */
  readonly models: ModelFactory;
  /** Name of the best model among them. */
  readonly name: 'network' | 'logHARX168';
  /** Served version of the network and what computes it; null without it. */
  readonly network: { readonly version: string; readonly backend: Backend; readonly library: string } | null;
  /** Why the network, or the candidate, is left out, with paths, for the operator; null when nothing is. */
  readonly reason: string | null;
  /** The same for the forecasts' `fallbackReason`: names no path of this machine. */
  readonly absent: readonly PassedModel[];
  /** Served version of the artifact in shadow; null without one. */
  readonly candidate: string | null;
  /** Lets the candidate serve from the next forecast on. */
  promote(): void;
}

export interface LoadModelsOptions extends Omit<NetworkModelsOptions, 'candidate'> {
  readonly artifactDir?: string;
  /** Artifact that runs in shadow; one that cannot be loaded is left out and named in `reason`. */
  readonly candidateDir?: string;
  readonly backends?: readonly Backend[];
}

/**
 * The models that serve: the network of an artifact and the linear models behind it, or the linear models alone with
 * the reason when the artifact is absent, damaged or predicts otherwise here, or when no backend loads.
 */
export async function loadModels(options: LoadModelsOptions = {}): Promise<LoadedModels> {
  let promoted = false;
  const promote = () => {
    promoted = true;
  };
  try {
    const artifact = await loadArtifact(options.artifactDir ?? SHIPPED_ARTIFACT_DIR);
    const { tf, backend, library } = await loadTensorFlow(options.backends ?? BACKENDS);
    const { artifact: other, problem } = await loadCandidate(options.candidateDir);
    const candidate = other === null ? {} : { candidate: { artifact: other, promoted: () => promoted } };
    const models = networkModels(tf, artifact, { ...options, ...candidate });
    const network = { version: servedVersion(artifact), backend, library };
    return {
      models,
      name: 'network',
      network,
      reason: problem,
      absent: [],
      candidate: other === null ? null : servedVersion(other),
      promote,
    };
  } catch (error) {
    if (!(error instanceof BreakwaterError)) throw error;
    const message =
      error instanceof ArtifactError ? `model artifact ${error.details.problem}` : firstClause(error.message);
    return {
      models: linearModels,
      name: 'logHARX168',
      network: null,
      reason: error.message,
      absent: [{ model: NETWORK_NAME, code: error.type, message }],
      candidate: null,
      promote,
    };
  }
}

/** A candidate that cannot be loaded must not keep the serving artifact from serving. */
async function loadCandidate(
  dir: string | undefined,
): Promise<{ readonly artifact: Artifact | null; readonly problem: string | null }> {
  if (dir === undefined) return { artifact: null, problem: null };
  try {
    return { artifact: await loadArtifact(dir), problem: null };
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    return { artifact: null, problem: `the candidate is left out: ${error.message}` };
  }
}

function firstClause(message: string): string {
  return message.split(' (')[0]!;
}
