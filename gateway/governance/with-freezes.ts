import type { AnalysisPort } from '../app/ports.ts';
import type { Configurations } from './configurations.ts';

/** Capacity that knows which markets a person stopped: no order may open there, and the answer says who said why. */
export function withFreezes(analysis: AnalysisPort, freezes: Pick<Configurations, 'freeze'>): AnalysisPort {
  return {
    ...analysis,
    async capacity(protocol, accountId, ask) {
      const answer = await analysis.capacity(protocol, accountId, ask);
      const orders = answer.analysis.orders.map((order) => {
        const freeze = freezes.freeze(protocol, order.market);
        if (freeze === null) return order;
        const message = `${order.market} is frozen: ${freeze.reason}`;
        return {
          ...order,
          sizeWad: 0n,
          reasons: [...order.reasons, { code: 'market-frozen', message, subject: order.market }],
        };
      });
      return { ...answer, analysis: { ...answer.analysis, orders } };
    },
  };
}
