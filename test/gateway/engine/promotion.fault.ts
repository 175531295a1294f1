import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listModelDecisions } from '../../../db/queries/model-decisions.ts';
import { ForecastDesk } from '../../../gateway/engine/forecast-desk.ts';
import { modelReview } from '../../../jobs/tasks/model-review.ts';
import { type Artifact, loadArtifact, saveArtifact } from '../../../models/network/artifact.ts';
import { loadTensorFlow } from '../../../models/network/loader.ts';
import { createPredictor } from '../../../models/network/predict.ts';
import { probePredictions } from '../../../models/network/probe.ts';
import { SHIPPED_ARTIFACT_DIR } from '../../../models/serving/load-models.ts';
import { runEntry } from '../../helpers/program.ts';
import { context } from '../../helpers/task-context.ts';
import { useDatabase } from '../../helpers/use.ts';
import { START_MS, syntheticBars } from '../../models/synthetic.ts';

const bars = syntheticBars(10_100, 161);
let dir: string;
const database = await useDatabase();

/**
 * The shipped networks as an artifact of its own that was trained long ago. What they learnt of real markets is wrong for
 * these synthetic bars: the less of it is believed, the better.
 */
async function artifactWith(name: string, share: number): Promise<string> {
  const shipped = await loadArtifact(SHIPPED_ARTIFACT_DIR);
  const networks: Artifact['networks'] = shipped.networks.map((network) => ({
    ...network,
    shrink: [share, share, share],
  }));
  const { tf } = await loadTensorFlow(['wasm']);
  const predictor = createPredictor(tf, networks);
  const info = { ...shipped.info, version: name, trainedUntilMs: START_MS };
  const to = join(dir, name);
  await saveArtifact(to, info, networks, probePredictions(predictor), shipped.reference);
  predictor.dispose();
  return to;
}

async function shadow(artifactDir: string, candidateDir: string) {
  const desk = new ForecastDesk({ artifactDir, candidateDir, backends: ['wasm'] });
  desk.takeBars({ key: 'BTC', reset: false, rows: bars });
  expect(desk.review()).toBe(null);
  desk.forecast('BTC');
  await desk.load();
  desk.prepare();
  const ports = {
    database,
    clock: { nowMs: () => START_MS },
    review: async () => desk.review(),
    promote: (candidate: string) => desk.promote(candidate),
  };
  return { desk, ports };
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'breakwater-promotion-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true });
});

describe('a candidate in shadow', { timeout: 240_000 }, () => {
  it('is refused when it is worse, for good, and never serves', async () => {
    const good = await artifactWith('good', 0);
    const bad = await artifactWith('bad', 1);
    const { desk, ports } = await shadow(good, bad);
    const served = desk.forecast('BTC');
    expect(served[0]!.modelVersion).toMatch(/^good\+/);
    expect(served[0]!.fallbackReason).toBe(null);
    const made = await modelReview.run({}, ports, context);
    expect(made.decision).toBe('refused');
    expect(await modelReview.run({}, ports, context)).toEqual(made);
    const [kept, ...rest] = await listModelDecisions(database.orm);
    expect(rest).toEqual([]);
    expect(kept).toMatchObject({ decidedAtMs: START_MS, decision: 'refused' });
    expect([kept!.candidate, kept!.serving].map((version) => version.split('+')[0])).toEqual(['bad', 'good']);
    expect(kept!.body).toEqual(desk.review()!.comparisons);
    expect(desk.forecast('BTC')[0]!.modelVersion).toMatch(/^good\+/);
  });

  it('serves once it has beaten the one that serves, also after a restart', async () => {
    const good = join(dir, 'good');
    const bad = join(dir, 'bad');
    const { desk, ports } = await shadow(bad, good);
    expect(desk.review()!.comparisons.every(({ against }) => against!.hours > 690)).toBe(true);
    const made = await modelReview.run({}, ports, context);
    expect(made.decision).toBe('promoted');
    expect(desk.forecast('BTC')[0]!.modelVersion).toMatch(/^good\+/);
    expect((await modelReview.run({}, ports, context)).decision).toBe('none');
    const again = await shadow(bad, good);
    const before = again.desk.review()!.candidate;
    expect((await modelReview.run({}, again.ports, context)).decision).toBe('promoted');
    expect(again.desk.forecast('BTC')[0]!.modelVersion).toBe(before);
    expect((await listModelDecisions(database.orm)).map(({ decision }) => decision)).toEqual([
      'promoted',
      'refused',
    ]);
    const list = runEntry('gateway/cli/models.ts', [], { DATABASE_URL: database.url });
    expect(await list.exited, list.output()).toBe(0);
    const [newest, older] = list
      .output()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(newest).toMatchObject({ decision: 'promoted', decidedAt: '2022-01-01T00:00:00.000Z' });
    expect(older.comparisons[0]).toMatch(/^BTC 1 h: QLIKE ratio 1\.\d+ \(t \d+\.\d+, \d+ h\), coverage ok$/);
  });

  it('leaves a candidate out that cannot be loaded, and says so', async () => {
    const desk = new ForecastDesk({ candidateDir: join(dir, 'absent'), backends: ['wasm'] });
    const models = await desk.load();
    expect(models).toMatchObject({ name: 'network', candidate: null });
    expect(models.reason).toMatch(/^the candidate is left out: model artifact .*absent: cannot be read/);
    expect(desk.review()).toBe(null);
  });
});
