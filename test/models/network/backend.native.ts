import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { harxContext } from '../../../models/features/asset-context.ts';
import { loadArtifact } from '../../../models/network/artifact.ts';
import { buildRows } from '../../../models/network/dataset.ts';
import { loadTensorFlow } from '../../../models/network/loader.ts';
import { DEFAULT_TRAINING } from '../../../models/network/options.ts';
import { createPredictor } from '../../../models/network/predict.ts';
import { PROBE_TOLERANCE, probeDifference, probePredictions } from '../../../models/network/probe.ts';
import { trainNetwork } from '../../../models/network/train-network.ts';
import { syntheticBars } from '../synthetic.ts';

/** Opt-in: the folder of a tfjs-node whose addon loads. */
const MODULE = process.env.TFJS_NODE_DIR;

describe('the native backend', () => {
  it('says which library it used and predicts the shipped artifact as recorded', async () => {
    const { tf, backend, library } = await loadTensorFlow(['native'], MODULE);
    expect(backend).toBe('native');
    expect(library).toMatch(/^libtensorflow \d/);
    process.stdout.write(`native backend: TensorFlow.js ${tf.version_core}, ${library}\n`);
    const artifact = await loadArtifact(join(import.meta.dirname, '../../../models/artifacts/network'));
    const predictor = createPredictor(tf, artifact.networks);
    expect(probeDifference(artifact.probe, probePredictions(predictor))).toBeLessThan(PROBE_TOLERANCE);
    predictor.dispose();
  });

  it('trains what WASM and plain CPU predict alike', async () => {
    const bars = syntheticBars(9600, 81);
    const rows = buildRows('XYZ', bars, harxContext('XYZ', new Map([['XYZ', { bars, funding: null }]])));
    const native = await loadTensorFlow(['native'], MODULE);
    const options = { ...DEFAULT_TRAINING, hidden: [16], epochs: 2, batch: 256 };
    const network = await trainNetwork(native.tf, [rows], bars.at(-1)!.tsMs, options, 3);
    const own = probePredictions(createPredictor(native.tf, [network]));
    for (const backend of ['cpu', 'wasm'] as const) {
      const { tf } = await loadTensorFlow([backend]);
      const other = probePredictions(createPredictor(tf, [network]));
      expect(probeDifference(own, other), backend).toBeLessThan(PROBE_TOLERANCE);
    }
  });
});
