import { join } from 'node:path';
import { BreakwaterError } from '../../risk/errors.ts';
import { ArtifactError, loadArtifact } from '../network/artifact.ts';
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
  /** Why the network does not serve, with paths, for the operator; null when it does. */
  readonly reason: string | null;
  /** The same for the forecasts' `fallbackReason`: names no path of this machine. */
  readonly absent: readonly PassedModel[];
}

export interface LoadModelsOptions extends NetworkModelsOptions {
  readonly artifactDir?: string;
  readonly backends?: readonly Backend[];
}

/**
 * The models that serve: the network of an artifact and the linear models behind it, or the linear models alone with
 * the reason when the artifact is absent, damaged or predicts otherwise here, or when no backend loads.
 */
export async function loadModels(options: LoadModelsOptions = {}): Promise<LoadedModels> {
  try {
    const artifact = await loadArtifact(options.artifactDir ?? SHIPPED_ARTIFACT_DIR);
    const { tf, backend, library } = await loadTensorFlow(options.backends ?? BACKENDS);
    const models = networkModels(tf, artifact, options);
    const network = { version: servedVersion(artifact), backend, library };
    return { models, name: 'network', network, reason: null, absent: [] };
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
    };
  }
}

function firstClause(message: string): string {
  return message.split(' (')[0]!;
}
