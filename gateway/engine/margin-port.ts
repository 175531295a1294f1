import type { AcrossContext } from '../../risk/cross-chain/across-module.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { CorrelationMatrix } from '../../risk/predicted/correlation.ts';
import type { MarginAnswer, MarginPort, StoredAccount } from '../app/ports.ts';
import { type LiveNetting, withNettingRemark } from '../consents/live-netting.ts';
import { contextOf, type OnChains, withBooksOn } from '../venues/on-chains.ts';
import type { AnalysisTask, RunAnalysis } from './analysis.ts';
import type { AnalysisAsk, AnalysisResults } from './analysis-results.ts';
import { capRemarks } from './lent-markets.ts';
import { acrossPart } from './margin-across.ts';
import {
  evaluated,
  type MarginAsk,
  type MarginEvaluation,
  type MarginInputs,
  type MarginService,
} from './margin-service.ts';

/** A path of a module that simulates at every step costs a thousand times as much: fewer, and the answer says so. */
const SIMULATED = { paths: 128, steps: 6 } as const;
/** The same of an account over several chains, which is margined anew at every step. */
const ACROSS = { paths: 256, steps: 6 } as const;

/** The task of an analysis of these inputs. */
export function taskOf<K extends keyof AnalysisResults>(
  kind: K,
  ask: AnalysisAsk[K],
  { model, portfolio, markets, snapshot }: MarginInputs,
  result: MarginEvaluation['result'] | null,
  across?: AcrossContext,
): AnalysisTask<K> {
  const { id, version } = model.module;
  const { parameters } = model;
  return {
    kind,
    ask,
    moduleId: id,
    moduleVersion: version,
    parameters,
    portfolio,
    markets,
    market: snapshot,
    result,
    ...(across === undefined ? {} : { across }),
  };
}

/** Evaluates a portfolio; in the thread of analyses when the module simulates. @throws ModuleNotFoundError, AnalysisBusyError, AnalysisTooLargeError */
export type Evaluate = (
  protocol: string,
  portfolio: AnyPortfolio,
  ask?: MarginAsk,
) => Promise<MarginEvaluation>;

export function evaluator(margin: MarginService, run: RunAnalysis): Evaluate {
  return async (protocol, portfolio, ask = {}) => {
    const inputs = margin.inputs(protocol, portfolio, ask);
    const onChains = ask.onChains ?? null;
    if (!inputs.simulates) return evaluated(inputs, onChains);
    if (onChains === null) {
      const result = await run(protocol, taskOf('margin', {}, inputs, null));
      return { ...inputs, result: inputs.explained(result) };
    }
    const found = await run(protocol, taskOf('across', {}, inputs, null, contextOf(onChains)));
    return { ...inputs, result: inputs.explained(found.result), ...acrossPart(onChains, found) };
  };
}

/** Evaluates a portfolio at once; null when the module simulates, which is not for the thread that answers. */
export type EvaluateNow = (protocol: string, portfolio: AnyPortfolio) => MarginEvaluation | null;

export function evaluatorNow(margin: MarginService): EvaluateNow {
  return (protocol, portfolio) => {
    const inputs = margin.inputs(protocol, portfolio);
    return inputs.simulates ? null : evaluated(inputs, null);
  };
}

/** Books with what they have on chain, if anything. */
export interface HeldAccounts {
  /** `pushed`: the book without what lies on chain; left out where there is nothing else. */
  get(
    protocol: string,
    accountId: string,
  ): Promise<StoredAccount & { readonly pushed?: AnyPortfolio; readonly onChains?: OnChains | null }>;
}

/** The margins of the HTTP application over stored accounts. */
export function marginPort(options: {
  readonly accounts: HeldAccounts;
  readonly evaluate: Evaluate;
  readonly evaluateNow: EvaluateNow;
  readonly run: RunAnalysis;
  readonly correlation: () => CorrelationMatrix;
  /** Simulated paths of a prediction; the default of risk/predicted when left out. */
  readonly paths?: number;
  /** Counts consents in force; none where nothing is netted across protocols. */
  readonly netting?: LiveNetting | null;
}): MarginPort {
  const { accounts, evaluateNow, run, correlation, paths, netting = null } = options;
  const evaluate = netting === null ? options.evaluate : withNettingRemark(options.evaluate, netting.has);
  return {
    calculate: async (protocol, accountId, module) => {
      const account = await accounts.get(protocol, accountId);
      const { sequence, portfolio, onChains = null } = account;
      const netted = netting === null || module !== null ? null : await netting.margin(account);
      const alone = () =>
        (module === null ? options.evaluate : evaluate)(protocol, portfolio, { module, onChains });
      return answerOf(netted ?? (await alone()), accountId, sequence);
    },
    predicted: async (protocol, accountId, { horizonHours, quantile, module }) => {
      const { sequence, portfolio, onChains = null } = await accounts.get(protocol, accountId);
      const evaluation = await evaluate(protocol, portfolio, { module, onChains });
      const { result, context } = evaluation;
      const chosen = paths === undefined ? {} : { paths };
      const ask = {
        horizonHours,
        quantile,
        correlation: correlation(),
        ...(evaluation.simulates ? SIMULATED : context === undefined ? chosen : { ...ACROSS, ...chosen }),
      };
      const predicted = await run(protocol, taskOf('predicted', ask, evaluation, result, context));
      return {
        ...answerOf(evaluation, accountId, sequence),
        predicted: { ...predicted, failures: result.failures },
      };
    },
    simulate: async (protocol, portfolio, module) =>
      answerOf(withCapRemarks(await options.evaluate(protocol, portfolio, { module }), null), null, null),
    simulateNow: (protocol, portfolio) => {
      const evaluation = evaluateNow(protocol, portfolio);
      return evaluation === null ? null : answerOf(withCapRemarks(evaluation, null), null, null);
    },
    whatIf: async (protocol, accountId, changesOf, module) => {
      const { sequence, portfolio, pushed, onChains = null } = await accounts.get(protocol, accountId);
      const changed = changesOf(pushed ?? portfolio).map((each) => withBooksOn(each, onChains));
      const current = answerOf(
        await evaluate(protocol, portfolio, { module, onChains }),
        accountId,
        sequence,
      );
      const simulations: MarginAnswer[] = [];
      for (const book of changed) {
        const evaluation = await evaluate(protocol, book, { module, onChains });
        simulations.push(answerOf(withCapRemarks(evaluation, portfolio), null, null));
      }
      return { current, simulations };
    },
  };
}

/** A simulation with what it would do to the caps of lent markets; `before` null: a book that nobody holds yet. */
function withCapRemarks(evaluation: MarginEvaluation, before: AnyPortfolio | null): MarginEvaluation {
  const { markets, portfolio, result } = evaluation;
  const remarks = capRemarks(evaluation.lent(), markets, before, portfolio);
  return remarks.length === 0
    ? evaluation
    : { ...evaluation, result: { ...result, reasons: [...result.reasons, ...remarks] } };
}

/** What an evaluation says of an account; the account and its sequence are null for a simulation. */
export function answerOf<A extends string | null, S extends bigint | null>(
  { basis, result, across, netting }: MarginEvaluation,
  accountId: A,
  sequence: S,
) {
  return {
    ...basis,
    accountId,
    sequence,
    result,
    ...(across === undefined ? {} : { across }),
    ...(netting === undefined ? {} : { netting }),
  };
}
