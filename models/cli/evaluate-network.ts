import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { InvalidInputError } from '../../risk/errors.ts';
import type { RawModel } from '../baselines/raw-model.ts';
import type { AssetData } from '../data/data-directory.ts';
import type { WalkRange } from '../evaluation/walk.ts';
import { harxContext } from '../features/asset-context.ts';
import { loadArtifact } from '../network/artifact.ts';
import { type AssetRows, buildRows } from '../network/dataset.ts';
import { BACKENDS, type Backend, loadTensorFlow } from '../network/loader.ts';
import { DEFAULT_SEEDS, DEFAULT_TRAINING } from '../network/options.ts';
import { SHIPPED_ARTIFACT_DIR } from '../serving/load-models.ts';
import {
  createPredictedModel,
  type PredictedRows,
  predictWalk,
  trainRefits,
} from '../training/walk-forward.ts';
import { hashFiles, loadData } from './load-data.ts';

export interface NetworkArguments {
  readonly model?: string;
  readonly train?: string;
  readonly seeds?: string;
  readonly backend?: string;
  /** Directory that keeps the refits. */
  readonly refits?: string;
}

export function parseSeeds(text: string | undefined): readonly number[] {
  if (text === undefined) return DEFAULT_SEEDS;
  const seeds = text.split(',').map(Number);
  if (seeds.some((seed) => !Number.isSafeInteger(seed) || seed < 0)) {
    throw new InvalidInputError('--seeds', `"${text}" is not a list of whole numbers`);
  }
  return seeds;
}

export function parseBackends(text: string | undefined): readonly Backend[] {
  if (text === undefined) return BACKENDS;
  const backend = BACKENDS.find((one) => one === text);
  if (backend === undefined)
    throw new InvalidInputError('--backend', `"${text}" is not one of ${BACKENDS.join(', ')}`);
  return [backend];
}

/**
 * Trains the network walk-forward for a range; the result makes the model of one asset. Null, with a line saying why,
 * when no refit of the range has history enough. `linearBefore`: see createPredictedModel.
 */
export async function prepareRefits(
  dir: string,
  histories: ReadonlyMap<string, AssetData>,
  range: WalkRange,
  options: NetworkArguments,
  report: (line: string) => void,
  linearBefore = false,
): Promise<((asset: string) => RawModel) | null> {
  const seeds = parseSeeds(options.seeds);
  const { tf, backend, library } = await loadTensorFlow(parseBackends(options.backend));
  report(`TensorFlow.js ${tf.version_core} on ${backend}: ${library}`);
  const training = await loadData(dir, options.train ?? 'BTC,ETH,SOL', report);
  const all = new Map([...training.histories, ...histories]);
  const rowsOf = (asset: string): AssetRows => {
    report(`${asset}: inputs`);
    return buildRows(asset, all.get(asset)!.bars, harxContext(asset, all));
  };
  const rows = new Map(training.assets.map((asset) => [asset, rowsOf(asset)]));
  const store =
    options.refits === undefined
      ? undefined
      : { dir: options.refits, dataSha256: await hashFiles(training.histories), backend };
  const refits = await trainRefits(tf, [...rows.values()], range, DEFAULT_TRAINING, seeds, report, store);
  if (refits.length === 0) {
    report('no refit of the range has history enough: the network is left out');
    return null;
  }
  const predictions = new Map<string, PredictedRows>();
  return (asset) => {
    const predicted = predictions.get(asset) ?? predictWalk(tf, rows.get(asset) ?? rowsOf(asset), refits);
    predictions.set(asset, predicted);
    return createPredictedModel('walk-forward', predicted, harxContext(asset, all), linearBefore);
  };
}

/**
 * The shipped artifact, or the one of `--model`. Null, with a line saying why, when there is none or when it was
 * trained on what the range scores: such an evaluation would be no forecast.
 */
export async function prepareArtifact(
  histories: ReadonlyMap<string, AssetData>,
  range: WalkRange,
  options: NetworkArguments,
  report: (line: string) => void,
): Promise<((asset: string) => RawModel) | null> {
  const dir = options.model ?? relative(process.cwd(), SHIPPED_ARTIFACT_DIR);
  if (options.model === undefined && !existsSync(dir)) {
    report(`no artifact at ${dir}: baselines only`);
    return null;
  }
  const artifact = await loadArtifact(dir);
  const end = new Date(artifact.info.trainedUntilMs).toISOString();
  report(`${dir}: version ${artifact.info.version}, trained until ${end}`);
  if (artifact.info.trainedUntilMs > range.fromMs) {
    report(`it saw part of the range: left out (use --refit, or --from ${end.slice(0, 10)} or later)`);
    return null;
  }
  const { tf, backend, library } = await loadTensorFlow(parseBackends(options.backend));
  report(`TensorFlow.js ${tf.version_core} on ${backend}: ${library}`);
  return (asset) => {
    const context = harxContext(asset, histories);
    const rows = buildRows(asset, histories.get(asset)!.bars, context);
    const refits = [{ fromMs: Number.NEGATIVE_INFINITY, networks: artifact.networks }];
    return createPredictedModel(artifact.info.version, predictWalk(tf, rows, refits), context);
  };
}
