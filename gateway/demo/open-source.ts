import { MarketReplay } from './market/replay.ts';
import { readReplayData } from './market/replay-data.ts';
import { MarketSimulator } from './market/simulator.ts';
import type { MarketSource } from './market/source.ts';
import { type DemoOptions, SIMULATOR_START_MS } from './options.ts';

/**
 * The market that the command line asks for.
 * @throws CandleFileNameError, NotEnoughHistoryError, DataFileError, InvalidInputError
 */
export async function openMarketSource(
  options: Pick<DemoOptions, 'dataFiles' | 'startMs' | 'seed' | 'months'>,
): Promise<MarketSource> {
  const { dataFiles, startMs, seed, months } = options;
  if (dataFiles.length === 0) {
    return new MarketSimulator({ seed, months, startMs: startMs ?? SIMULATOR_START_MS });
  }
  return new MarketReplay(await readReplayData(dataFiles, { startMs, months }), seed);
}
