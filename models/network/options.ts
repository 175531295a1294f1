import type { TrainingOptions } from './train-network.ts';

/** Choices made on the validation years 2022 and 2023 (docs/models/network.md lists what was tried). */
export const DEFAULT_TRAINING: TrainingOptions = {
  hidden: [64, 32],
  embedding: 8,
  epochs: 8,
  batch: 2048,
  rate: 3e-3,
  decay: 0,
  halfLifeDays: 730,
  pinballWeight: 1,
  shrink: [0.75, 0.7, 0.6],
};
/** Members of the ensemble. */
export const DEFAULT_SEEDS: readonly number[] = [1, 2, 3, 4, 5];
/** Share of the network's own probability of high volatility; the rest is that of logHARX168. Chosen as above. */
export const OWN_ODDS_SHARE = 0.8;
export const NETWORK_REFIT_EVERY_HOURS = 4380;
export const NETWORK_NAME = 'network';
