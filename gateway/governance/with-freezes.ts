import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { AnalysisPort, MarginAnswer, MarginPort } from '../app/ports.ts';
import type { Configurations } from './configurations.ts';

type Freezes = Pick<Configurations, 'freeze'>;

function frozenReason(freezes: Freezes, protocol: string, market: string) {
  const freeze = freezes.freeze(protocol, market);
  if (freeze === null) return null;
  return { code: 'market-frozen', message: `${market} is frozen: ${freeze.reason}`, subject: market };
}

/** Capacity that knows which markets a person stopped: no order may open there, and the answer says who said why. */
export function withFreezes(analysis: AnalysisPort, freezes: Freezes): AnalysisPort {
  return {
    ...analysis,
    async capacity(protocol, accountId, ask) {
      const answer = await analysis.capacity(protocol, accountId, ask);
      const orders = answer.analysis.orders.map((order) => {
        const reason = frozenReason(freezes, protocol, order.market);
        return reason === null ? order : { ...order, sizeWad: 0n, reasons: [...order.reasons, reason] };
      });
      return { ...answer, analysis: { ...answer.analysis, orders } };
    },
  };
}

/** What would be after a trade in a market that a person stopped says so: the margin alone would let the order through. */
export function withFrozenTrades(margin: MarginPort, freezes: Freezes): MarginPort {
  return {
    ...margin,
    async whatIf(protocol, accountId, changesOf, module) {
      let traded: readonly (readonly string[])[] = [];
      const answer = await margin.whatIf(
        protocol,
        accountId,
        (pushed) => {
          const changed = changesOf(pushed);
          traded = changed.map((after) => marketsTraded(pushed, after));
          return changed;
        },
        module,
      );
      const simulations = answer.simulations.map((simulation, index): MarginAnswer => {
        const reasons = traded[index]!.flatMap((market) => frozenReason(freezes, protocol, market) ?? []);
        if (reasons.length === 0) return simulation;
        const { result } = simulation;
        return { ...simulation, result: { ...result, reasons: [...result.reasons, ...reasons] } };
      });
      return { ...answer, simulations };
    },
  };
}

/** Markets of which one book holds another size than the other, each once. */
function marketsTraded(before: AnyPortfolio, after: AnyPortfolio): readonly string[] {
  const sizes = ({ positions }: AnyPortfolio) => {
    const held = new Map<string, bigint>();
    for (const position of positions) {
      if (!('sizeWad' in position)) continue;
      held.set(position.market, (held.get(position.market) ?? 0n) + position.sizeWad);
    }
    return held;
  };
  const [then, now] = [sizes(before), sizes(after)];
  return [...new Set([...then.keys(), ...now.keys()])].filter(
    (market) => (then.get(market) ?? 0n) !== (now.get(market) ?? 0n),
  );
}
