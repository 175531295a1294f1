import { join } from 'node:path';
import { BreakwaterError } from '../../risk/errors.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { loadArtifact } from '../network/artifact.ts';
import { BACKENDS, type Backend, loadTensorFlow } from '../network/loader.ts';
import { linearModels, type ModelFactory, networkModels } from './market-forecaster.ts';

/** The artifact of this repository. */
export const SHIPPED_ARTIFACT_DIR = join(import.meta.dirname, '../artifacts/network');

export interface LoadedModels {
  /** For createMarketModel or createMarketForecaster. */
  readonly models: ModelFactory;
  /** Name of the best model among them. */
  readonly name: 'network' | 'logHARX168';
  /** Served version of the network and what computes it; null without it. */
  readonly network: { readonly version: string; readonly backend: Backend; readonly library: string } | null;
  /** Why the network does not serve; null when it does. */
  readonly reason: string | null;
}

export interface LoadModelsOptions {
  readonly artifactDir?: string;
  readonly backends?: readonly Backend[];
  /** Rows decided before this time are not predicted by the network; a year before now keeps a start short. */
  readonly fromMs?: UnixMs;
}

/**
 * The models that serve: the network of an artifact and the linear models behind it, or the linear models alone with
 * the reason when the artifact is absent, damaged or predicts otherwise here, or when no backend loads.
 */
export async function loadModels(options: LoadModelsOptions = {}): Promise<LoadedModels> {
  try {
    const artifact = await loadArtifact(options.artifactDir ?? SHIPPED_ARTIFACT_DIR);
    const { tf, backend, library } = await loadTensorFlow(options.backends ?? BACKENDS);
    const models = networkModels(tf, artifact, options.fromMs);
    const version = `${artifact.info.version}+${artifact.sha256.slice(0, 12)}`;
    return { models, name: 'network', network: { version, backend, library }, reason: null };
  } catch (error) {
    if (!(error instanceof BreakwaterError)) throw error;
    return { models: linearModels, name: 'logHARX168', network: null, reason: error.message };
  }
}
