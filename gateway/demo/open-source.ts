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
  options: Pick<DemoOptions, 'dataFiles' | 'startMs' | 'seed' | 'months' | 'stormMinutes'>,
): Promise<MarketSource> {
  const { dataFiles, seed, months, stormMinutes } = options;
  if (dataFiles.length === 0) {
    const startMs = options.startMs ?? SIMULATOR_START_MS;
    const stormAtMs = stormMinutes === null ? null : startMs + stormMinutes * 60_000;
    return new MarketSimulator({ seed, months, startMs, stormAtMs });
  }
  return new MarketReplay(await readReplayData(dataFiles, { startMs: options.startMs, months }), seed);
}
