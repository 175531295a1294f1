import type { AcrossChains } from '../../risk/cross-chain/across.ts';
import type { AcrossContext } from '../../risk/cross-chain/across-module.ts';
import type { AcrossAnswer } from '../app/ports.ts';
import { contextOf, type OnChains } from '../venues/on-chains.ts';

/** Where the account of an evaluation lies. */
export interface AcrossPart {
  /** As told in an answer. */
  readonly across: AcrossAnswer;
  /** As an analysis of the same account takes it. */
  readonly context: AcrossContext;
}

export function acrossPart(onChains: OnChains, { moves }: Pick<AcrossChains, 'moves'>): AcrossPart {
  const { states, blocks, venues, haircut } = onChains;
  return { across: { states, blocks, venues, haircut, moves }, context: contextOf(onChains) };
}
