import { createRandom } from '../../gateway/demo/market/random.ts';
import { InvalidInputError } from '../../risk/errors.ts';

/** Faults and how often each comes in a full run; those named `kill-` are one kill -9 each. */
export const FULL_RUN = {
  'kill-gateway': 12,
  'kill-worker': 12,
  'kill-postgres': 9,
  'kill-redis': 9,
  'kill-anvil': 9,
  'flush-redis': 4,
  'cut-postgres': 3,
  'cut-redis': 3,
  'cut-rpc': 3,
  'cut-hermes': 3,
  'cut-sources': 3,
  'slow-rpc': 3,
  'disk-full': 3,
  'clock-jump': 3,
} as const satisfies Record<string, number>;

export type FaultKind = keyof typeof FULL_RUN;
export const FAULT_KINDS = Object.keys(FULL_RUN) as FaultKind[];
export const LEAST_KILLS = 50;
export const LEAST_OF_EACH = 3;

export interface PlannedFault {
  readonly kind: FaultKind;
  /** How many of its kind came before. */
  readonly turn: number;
}

/**
 * The faults in the order in which they come, the same for the same seed.
 * @param rounds how often each fault comes; null: as in a full run
 * @param only these kinds; empty: all
 * @throws InvalidInputError for an unknown kind
 */
export function planFaults(seed: number, rounds: number | null, only: readonly string[]): PlannedFault[] {
  const unknown = only.find((kind) => !Object.hasOwn(FULL_RUN, kind));
  if (unknown !== undefined) {
    throw new InvalidInputError('--only', `no fault '${unknown}'; there are ${FAULT_KINDS.join(', ')}`);
  }
  const faults = FAULT_KINDS.filter((kind) => only.length === 0 || only.includes(kind)).flatMap((kind) =>
    Array.from({ length: rounds ?? FULL_RUN[kind] }, (_, turn): PlannedFault => ({ kind, turn })),
  );
  const random = createRandom(seed, 'faults');
  const keyed = faults.map((fault) => ({ fault, key: random.uniform() }));
  const shuffled = keyed.sort((left, right) => left.key - right.key).map(({ fault }) => fault);
  // Shuffling moved the turns of a kind about; they are told by where they came to stand.
  const turns = new Map<FaultKind, number>();
  return shuffled.map(({ kind }) => {
    const turn = turns.get(kind) ?? 0;
    turns.set(kind, turn + 1);
    return { kind, turn };
  });
}
