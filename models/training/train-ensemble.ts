import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { UnixMs } from '../../risk/units/time.ts';
import { ArtifactError, type ArtifactInfo, loadArtifact, saveArtifact } from '../network/artifact.ts';
import type { AssetRows } from '../network/dataset.ts';
import type { Tf } from '../network/loader.ts';
import { createPredictor } from '../network/predict.ts';
import { type Network, type TrainingOptions, trainNetwork } from '../network/train-network.ts';
import { meanGain, type RowScore, scoreRows } from './score-rows.ts';

/** Epochs without a better held-out score after which the search stops. */
const PATIENCE = 2;

export interface EarlyStopping {
  readonly epochs: number;
  /** Held-out scores of the best epoch. */
  readonly scores: readonly RowScore[];
}

/**
 * Early stopping: trains the first member on what was known at `untilMs`, scores every epoch on [untilMs, toMs) and
 * returns the number of epochs that did best there. The final members train for as many on all the data.
 */
export async function chooseEpochs(
  tf: Tf,
  data: readonly AssetRows[],
  untilMs: UnixMs,
  toMs: UnixMs,
  options: TrainingOptions,
  seed: number,
  report: (line: string) => void,
): Promise<EarlyStopping> {
  let best: EarlyStopping = { epochs: 1, scores: [] };
  let gain = Number.POSITIVE_INFINITY;
  for (let epochs = 1; epochs <= options.epochs && epochs <= best.epochs + PATIENCE; epochs++) {
    const network = await trainNetwork(tf, data, untilMs, { ...options, epochs }, seed);
    const predictor = createPredictor(tf, [network]);
    const scores = scoreRows(predictor, data, untilMs, toMs);
    predictor.dispose();
    const found = meanGain(scores);
    report(
      `held out, ${epochs} epochs: QLIKE ${(100 * Math.expm1(found)).toFixed(2)} % against the linear base`,
    );
    if (found < gain) {
      gain = found;
      best = { epochs, scores };
    }
  }
  return best;
}

/**
 * Trains the members one by one; each is kept under `dir`/member-SEED, and one already there on the same linear base
 * with the same data, options and end is taken as it is, so that an interrupted training goes on where it stopped. Any
 * other is told with the reason and trained anew.
 */
export async function trainEnsemble(
  tf: Tf,
  data: readonly AssetRows[],
  dir: string,
  info: ArtifactInfo,
  report: (line: string) => void,
): Promise<Network[]> {
  const networks: Network[] = [];
  for (const seed of info.seeds) {
    const memberDir = join(dir, `member-${seed}`);
    const memberInfo = { ...info, seeds: [seed], metrics: {} };
    const refused = (why: string) => report(`seed ${seed}: the one kept is not taken: ${why}`);
    const kept = await earlier(memberDir, memberInfo, refused);
    if (kept !== null) report(`seed ${seed}: already trained`);
    const network =
      kept ??
      (await trainNetwork(tf, data, info.trainedUntilMs, info.options, seed, (epoch, loss) => {
        report(`seed ${seed}, epoch ${epoch + 1} of ${info.options.epochs}: loss ${loss.toFixed(4)}`);
      }));
    if (kept === null) await saveArtifact(memberDir, memberInfo, [network], []);
    networks.push(network);
  }
  return networks;
}

async function earlier(
  dir: string,
  info: ArtifactInfo,
  refused: (why: string) => void,
): Promise<Network | null> {
  if (!existsSync(dir)) return null;
  try {
    const found = await loadArtifact(dir);
    const other = (Object.keys(info) as (keyof ArtifactInfo)[]).filter(
      (key) => JSON.stringify(found.info[key]) !== JSON.stringify(info[key]),
    );
    if (other.length === 0) return found.networks[0]!;
    refused(`${other.map((key) => `its ${key} is another`).join(', ')}`);
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    refused(String(error.details.problem));
  }
  return null;
}
