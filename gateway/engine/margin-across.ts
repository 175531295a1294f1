import { type AcrossChains, acrossChains } from '../../risk/cross-chain/across.ts';
import { splitsOf } from '../../risk/cross-chain/cut.ts';
import { DEFAULT_HAIRCUT } from '../../risk/cross-chain/haircut.ts';
import type { MarginResult } from '../../risk/modules/module.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { OnChains } from '../venues/on-chains.ts';
import type { MarginAsk, MarginEvaluation } from './margin-service.ts';

const DEFAULT_WARNING_RATIO = 0.1;

/** The margin of an account over several chains from that of the same book on one; the books apart go the same way. */
export async function marginAcross(
  evaluation: MarginEvaluation,
  onChains: OnChains,
  evaluate: (
    protocol: string,
    portfolio: AnyPortfolio,
    ask: MarginAsk,
  ) => Promise<{ readonly result: MarginResult }>,
): Promise<AcrossChains> {
  const { protocol, portfolio, markets, snapshot, model, result } = evaluation;
  const { states, cashByChain, failures } = onChains;
  const cut = states.flatMap((state) => (state.cut === null ? [] : [state.chain]));
  const splits: MarginResult[][] = [];
  for (const parts of splitsOf(portfolio, cut)) {
    const margins: MarginResult[] = [];
    for (const part of parts) margins.push((await evaluate(protocol, part, { model })).result);
    splits.push(margins);
  }
  const ratio = (model.parameters as { readonly warningRatio?: unknown }).warningRatio;
  const across = acrossChains({
    portfolio,
    markets,
    cashByChain,
    result,
    splits,
    states,
    volatility: snapshot.volatility,
    parameters: DEFAULT_HAIRCUT,
    warningRatio: typeof ratio === 'number' ? ratio : DEFAULT_WARNING_RATIO,
  });
  if (failures.length === 0) return across;
  return {
    ...across,
    result: { ...across.result, status: 'unknown', failures: [...across.result.failures, ...failures] },
  };
}
