import type { UnixMs } from '../../risk/units/time.ts';
import type { HarxContext } from '../features/harx-columns.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { type Artifact, ArtifactError } from '../network/artifact.ts';
import type { Tf } from '../network/loader.ts';
import { NetworkModel } from '../network/network-model.ts';
import { createPredictor } from '../network/predict.ts';
import { PROBE_TOLERANCE, probeDifference, probePredictions } from '../network/probe.ts';
import {
  type FitnessReason,
  MOST_MISSING_FOR_NETWORK,
  type ServedModel,
  staleFunding,
  tooManyMissing,
  withFitness,
} from './fitness.ts';
import { linearModels, type ModelFactory } from './market-forecaster.ts';

export interface NetworkModelsOptions {
  /** Rows decided before it are not predicted: a year before now is enough for the calibration. Default 0. */
  readonly fromMs?: UnixMs;
  /**
   * True where the bars are of no real market, so that nothing in them can have been trained on. Else the network neither
   * serves nor calibrates on rows decided before the end of its training.
   */
  readonly simulated?: boolean;
  /** Another artifact beside it, in shadow until `promoted` says otherwise. */
  readonly candidate?: { readonly artifact: Artifact; readonly promoted: () => boolean };
}

/** Served version of an artifact: its own and the first digits of its hash. */
export function servedVersion({ info, sha256 }: Pick<Artifact, 'info' | 'sha256'>): string {
  return `${info.version}+${sha256.slice(0, 12)}`;
}

/**
 * The network of an artifact, and the linear models behind it. Throws ArtifactError when this backend does not repeat
 * the predictions recorded at training. A row costs about a millisecond.
 */
export function networkModels(tf: Tf, artifact: Artifact, options: NetworkModelsOptions = {}): ModelFactory {
  const { candidate } = options;
  const serving = networkFactory(tf, artifact, options);
  if (candidate === undefined)
    return (context, asset) => [serving(context, asset), ...linearModels(context, asset)];
  const beside = networkFactory(tf, candidate.artifact, options);
  return (context, asset) => {
    const first = beside(context, asset);
    const shadowed = Object.defineProperty(first, 'shadow', { get: () => !candidate.promoted() });
    return [shadowed, serving(context, asset), ...linearModels(context, asset)];
  };
}

function networkFactory(
  tf: Tf,
  artifact: Artifact,
  options: NetworkModelsOptions,
): (context: HarxContext, asset: string) => ServedModel {
  const predictor = createPredictor(tf, artifact.networks);
  const difference = probeDifference(artifact.probe, probePredictions(predictor));
  if (!(difference <= PROBE_TOLERANCE)) {
    predictor.dispose();
    throw new ArtifactError(
      artifact.info.name,
      `this backend predicts otherwise than the one that trained it (${difference})`,
    );
  }
  const { info, reference } = artifact;
  const { simulated = false } = options;
  const fromMs = Math.max(options.fromMs ?? 0, simulated ? 0 : info.trainedUntilMs + 1);
  return (context, asset) => {
    const model = new NetworkModel(servedVersion(artifact), predictor, context, {
      fromMs,
      unseen: simulated || !info.assets.includes(asset),
      ...(reference === undefined ? {} : { reference }),
    });
    return withFitness(
      model,
      (grid, i) =>
        (simulated ? null : trainedAfter(info.trainedUntilMs, grid, i)) ??
        tooManyMissing(grid, i, MOST_MISSING_FOR_NETWORK) ??
        staleFunding(context.funding, grid, i),
    );
  };
}

/** The network has seen what happened at and after this decision, or its calibration would rest on rows it has seen. */
function trainedAfter(trainedUntilMs: UnixMs, grid: HourlyGrid, i: number): FitnessReason | null {
  const decisionMs = grid.decisionMs(i);
  if (decisionMs > trainedUntilMs) return null;
  const [trained, decided] = [trainedUntilMs, decisionMs].map((ms) =>
    new Date(ms).toISOString().slice(0, 16),
  );
  return {
    code: 'trained-after-decision',
    message: `artifact trained to ${trained}Z, not before the decision time ${decided}Z`,
  };
}
