import type { TrainingOptions } from './train-network.ts';

/** Choices made on the validation years 2022 and 2023 (docs/forecast.md lists what was tried). */
export const DEFAULT_TRAINING: TrainingOptions = {
  hidden: [64, 32],
  embedding: 8,
  epochs: 4,
  batch: 2048,
  rate: 3e-3,
  decay: 0,
  halfLifeDays: Number.POSITIVE_INFINITY,
  pinballWeight: 1,
};
/** Members of the ensemble. */
export const DEFAULT_SEEDS: readonly number[] = [1, 2, 3];
export const NETWORK_REFIT_EVERY_HOURS = 4380;
export const NETWORK_NAME = 'network';
