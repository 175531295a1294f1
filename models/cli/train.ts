import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { InvalidInputError } from '../../risk/errors.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';
import { harxContext } from '../features/asset-context.ts';
import { saveArtifact } from '../network/artifact.ts';
import { buildRows } from '../network/dataset.ts';
import { columnReferences } from '../network/feature-monitor.ts';
import { loadTensorFlow } from '../network/loader.ts';
import { DEFAULT_TRAINING, NETWORK_NAME } from '../network/options.ts';
import { createPredictor } from '../network/predict.ts';
import { probePredictions } from '../network/probe.ts';
import { SHIPPED_ARTIFACT_DIR } from '../serving/load-models.ts';
import { chooseEpochs, trainEnsemble } from '../training/train-ensemble.ts';
import { parseTime, readArguments } from './arguments.ts';
import { parseBackends, parseSeeds } from './evaluate-network.ts';
import { hashFiles, loadData } from './load-data.ts';
import { runCommand } from './run.ts';

const HELD_OUT_MS = 180 * 24 * MS_PER_HOUR;

const USAGE = `npm run train -- --data DIR [--assets BTC,ETH,SOL] [--until DATE] [--out DIR] [--version V] [--seeds 1,2,3]
  [--backend native|wasm|cpu]

Trains the network on everything that had ended by --until (default: the end of the data), the number of epochs by
early stopping on the 180 days before. Members already in --out (default models/artifacts/network) with the same data
and options are kept. Writes manifest.json and weights.bin.`;

runCommand(import.meta.url, USAGE, async (argv, report) => {
  const { values } = readArguments(
    argv,
    ['data', 'assets', 'until', 'out', 'version', 'seeds', 'backend'],
    [],
  );
  if (values.data === undefined) throw new InvalidInputError('--data', `is missing\n\n${USAGE}`);
  const out = values.out ?? relative(process.cwd(), SHIPPED_ARTIFACT_DIR);
  const seeds = parseSeeds(values.seeds);
  const { tf, backend, library } = await loadTensorFlow(parseBackends(values.backend));
  report(`TensorFlow.js ${tf.version_core} on ${backend}: ${library}`);
  const { assets, histories } = await loadData(values.data, values.assets ?? 'BTC,ETH,SOL', report);
  const lastMs = Math.max(...assets.map((asset) => histories.get(asset)!.bars.at(-1)!.tsMs)) + MS_PER_HOUR;
  const untilMs = values.until === undefined ? lastMs : parseTime('--until', values.until);
  if (untilMs > lastMs) throw new InvalidInputError('--until', 'is after the end of the data');
  const rows = assets.map((asset) => {
    report(`${asset}: inputs of ${histories.get(asset)!.file}`);
    return buildRows(asset, histories.get(asset)!.bars, harxContext(asset, histories));
  });
  const stop = await chooseEpochs(
    tf,
    rows,
    untilMs - HELD_OUT_MS,
    untilMs,
    DEFAULT_TRAINING,
    seeds[0]!,
    report,
  );
  const dataSha256 = await hashFiles(histories);
  const metrics = Object.fromEntries(
    stop.scores.map((one) => [`heldOut.${one.asset}.${one.horizonHours}h`, one.network / one.base - 1]),
  );
  const info = {
    name: NETWORK_NAME,
    version: values.version ?? '1.0.0',
    trainedUntilMs: untilMs,
    assets,
    dataSha256,
    options: { ...DEFAULT_TRAINING, epochs: stop.epochs },
    seeds,
    backend,
    metrics,
  };
  const networks = await trainEnsemble(tf, rows, out, info, report);
  const predictor = createPredictor(tf, networks);
  const probe = probePredictions(predictor);
  const sha256 = await saveArtifact(out, info, networks, probe, columnReferences(rows));
  predictor.dispose();
  for (const seed of seeds) await rm(join(out, `member-${seed}`), { recursive: true, force: true });
  return JSON.stringify(
    { out, sha256, epochs: stop.epochs, trainedUntil: new Date(untilMs).toISOString(), metrics },
    null,
    2,
  );
});
