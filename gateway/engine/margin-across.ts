import type { AcrossChains } from '../../risk/cross-chain/across.ts';
import { type AcrossContext, marginAcrossChains } from '../../risk/cross-chain/across-module.ts';
import type { AcrossAnswer } from '../app/ports.ts';
import { contextOf, type OnChains } from '../venues/on-chains.ts';
import type { MarginEvaluation, MarginInputs } from './margin-service.ts';

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

/** The margin of these inputs, in this thread: of one book, or of an account over several chains. */
export function evaluated(inputs: MarginInputs, onChains: OnChains | null): MarginEvaluation {
  const { model, portfolio, markets, snapshot } = inputs;
  const { module, parameters } = model;
  if (onChains === null) {
    return {
      ...inputs,
      result: inputs.explained(module.calculate(portfolio, markets, snapshot, parameters)),
    };
  }
  const context = contextOf(onChains);
  const found = marginAcrossChains(module, context, portfolio, markets, snapshot, parameters);
  return { ...inputs, result: inputs.explained(found.result), ...acrossPart(onChains, found) };
}
