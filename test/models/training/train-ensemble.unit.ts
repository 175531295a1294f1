import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { harxContext } from '../../../models/features/asset-context.ts';
import { type AssetRows, buildRows } from '../../../models/network/dataset.ts';
import { type LoadedTensorFlow, loadTensorFlow } from '../../../models/network/loader.ts';
import { DEFAULT_TRAINING } from '../../../models/network/options.ts';
import { createPredictor } from '../../../models/network/predict.ts';
import { trainNetwork } from '../../../models/network/train-network.ts';
import { meanGain, scoreRows } from '../../../models/training/score-rows.ts';
import { chooseEpochs, trainEnsemble } from '../../../models/training/train-ensemble.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { START_MS, syntheticBars } from '../synthetic.ts';

const hour = (n: number) => START_MS + n * MS_PER_HOUR;
const OPTIONS = { ...DEFAULT_TRAINING, hidden: [8], embedding: 2, epochs: 3, batch: 256 };

describe('training an artifact', () => {
  let dir: string;
  let loaded: LoadedTensorFlow;
  let rows: AssetRows;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'breakwater-training-'));
    loaded = await loadTensorFlow(['wasm']);
    const bars = syntheticBars(10_400, 101);
    rows = buildRows('XYZ', bars, harxContext('XYZ', new Map([['XYZ', { bars, funding: null }]])));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('stops at the number of epochs that did best on held-out time', async () => {
    const heard: string[] = [];
    const stop = await chooseEpochs(loaded.tf, [rows], hour(10_000), hour(10_400), OPTIONS, 1, (line) =>
      heard.push(line),
    );
    expect(heard).toHaveLength(3);
    const gains: number[] = [];
    for (let epochs = 1; epochs <= 3; epochs++) {
      const network = await trainNetwork(loaded.tf, [rows], hour(10_000), { ...OPTIONS, epochs }, 1);
      const predictor = createPredictor(loaded.tf, [network]);
      gains.push(meanGain(scoreRows(predictor, [rows], hour(10_000), hour(10_400))));
      predictor.dispose();
    }
    expect(stop.epochs).toBe(gains.indexOf(Math.min(...gains)) + 1);
    expect(meanGain(stop.scores)).toBe(Math.min(...gains));
    expect(stop.scores.map((one) => one.rows)).toEqual([400, 397, 377]);
  });

  it('goes on with the members it has, and starts anew when the data changed', async () => {
    const info = {
      name: 'network',
      version: '0.0.1',
      trainedUntilMs: hour(10_000),
      assets: ['XYZ'],
      dataSha256: { XYZ: 'one' },
      options: { ...OPTIONS, epochs: 1 },
      seeds: [1],
      backend: loaded.backend,
      metrics: {},
    };
    const heard: string[] = [];
    const report = (line: string) => heard.push(line);
    const first = await trainEnsemble(loaded.tf, [rows], dir, info, report);
    const both = await trainEnsemble(loaded.tf, [rows], dir, { ...info, seeds: [1, 2] }, report);
    expect(both[0]).toEqual(first[0]);
    expect(both[1]!.weights).not.toEqual(first[0]!.weights);
    await trainEnsemble(loaded.tf, [rows], dir, { ...info, dataSha256: { XYZ: 'two' } }, report);
    const told = heard.map((line) => line.replace(/loss .*/, 'loss'));
    expect(told).toEqual([
      'seed 1, epoch 1 of 1: loss',
      'seed 1: already trained',
      'seed 2, epoch 1 of 1: loss',
      'seed 1: the one kept is not taken: its dataSha256 is another',
      'seed 1, epoch 1 of 1: loss',
    ]);

    // Kept by code with another linear base: whole, but not the network that this code would train.
    const member = join(dir, 'member-2');
    const manifest = await readFile(join(member, 'manifest.json'), 'utf8');
    const other = manifest.replace('"base": "logHARX168 1.1.0"', '"base": "logHARX168 1.0.0"');
    expect(other).not.toBe(manifest);
    await writeFile(join(member, 'manifest.json'), other);
    const sums = await readFile(join(member, 'SHA256SUMS'), 'utf8');
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    await writeFile(join(member, 'SHA256SUMS'), sums.replace(hash(manifest), hash(other)));
    heard.length = 0;
    const [again] = await trainEnsemble(loaded.tf, [rows], dir, { ...info, seeds: [2] }, report);
    expect(heard[0]).toBe(
      'seed 2: the one kept is not taken: stands on logHARX168 1.0.0, not on logHARX168 1.1.0',
    );
    expect(heard[1]).toMatch(/^seed 2, epoch 1 of 1: loss/);
    expect(again).toEqual(both[1]);
    expect(await readFile(join(member, 'manifest.json'), 'utf8')).toBe(manifest);
  });

  it('refuses an end before any complete row', async () => {
    await expect(trainNetwork(loaded.tf, [rows], hour(8000), OPTIONS, 1)).rejects.toThrow(
      /no complete training row before/,
    );
  });
});
