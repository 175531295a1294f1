import { InvalidInputError } from '../../errors.ts';

/** A position in one contract and the contract's risk array. */
export interface SpanPosition {
  readonly contracts: number;
  /** Gain of one long contract per scenario, in the order of the scenarios. */
  readonly gains: readonly number[];
}

export interface SpanRequirement {
  /** Gain of the whole position per scenario. */
  readonly gains: readonly number[];
  /** Largest loss, at least 0. */
  readonly requirement: number;
  /** Scenario of the largest loss; null when there is none. */
  readonly worstIndex: number | null;
}

/**
 * Netting of risk arrays in the manner of SPAN: gains add up per scenario, the requirement is the largest loss.
 * @throws InvalidInputError when the arrays have different lengths.
 */
export function spanRequirement(positions: readonly SpanPosition[]): SpanRequirement {
  const length = positions[0]?.gains.length ?? 0;
  positions.forEach(({ gains }, i) => {
    if (gains.length !== length)
      throw new InvalidInputError(`positions[${i}].gains`, `must have ${length} entries`);
  });
  const gains = Array.from({ length }, (_, k) =>
    positions.reduce((sum, position) => sum + position.contracts * position.gains[k]!, 0),
  );
  const worst = Math.min(0, ...gains);
  return {
    gains,
    requirement: worst === 0 ? 0 : -worst,
    worstIndex: worst < 0 ? gains.indexOf(worst) : null,
  };
}
