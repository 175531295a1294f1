import {
  type AuctionAccount,
  auctionSchema,
  insolventOffer,
  largestFraction,
  paidFraction,
} from '../../risk/liquidation/dutch-auction.ts';
import type { MarginQuestion } from '../../risk/liquidation/liquidation-price.ts';
import { planPartialClose } from '../../risk/liquidation/plan.ts';
import type { MarginResult } from '../../risk/modules/module.ts';
import { wadToFloat } from '../../risk/units/wad.ts';
import type { AnalysisAsk, AuctionCurve, MarginFigures, Plan } from './analysis-results.ts';

/** Shares of a phase of the auction at which the curve is told. */
const PARTS = [0, 0.25, 0.5, 0.75, 1] as const;

/** Partial closes to the target, and the auction of what they leave when they do not reach it. */
export function planOf(question: MarginQuestion<unknown>, ask: AnalysisAsk['liquidation-plan']): Plan {
  const { module, parameters, markets, market } = question;
  const plan = planPartialClose(question, ask.targetWad, ask.costRate);
  const after = module.calculate(plan.after, markets, market, parameters);
  return {
    reached: plan.reached,
    closes: plan.closes,
    after: figures(after),
    auction: plan.reached ? null : auctionOf(after),
  };
}

export function figures(result: MarginResult): MarginFigures {
  const { status, equityWad, netInitialWad, netMaintenanceWad } = result;
  return { status, equityWad, netInitialWad, netMaintenanceWad };
}

/** The curve from the start of an auction at the default parameters; null when nothing would be for sale. */
function auctionOf(result: MarginResult): AuctionCurve | null {
  const parameters = auctionSchema.parse({});
  const { bufferShare, fastSeconds, slowSeconds, insolventSeconds } = parameters;
  const account: AuctionAccount = {
    value: wadToFloat(result.equityWad),
    netMaintenance: wadToFloat(result.netMaintenanceWad),
    reserve: 0,
  };
  if (account.netMaintenance >= 0) return null;
  if (account.value <= 0) {
    const points = PARTS.map((part) => {
      const seconds = part * insolventSeconds;
      const price = insolventOffer(account, seconds, insolventSeconds);
      return { seconds, paidFraction: null, largestFraction: 1, price };
    });
    return { kind: 'insolvent', parameters, points };
  }
  const times = [
    ...PARTS.map((part) => part * fastSeconds),
    ...PARTS.slice(1).map((part) => fastSeconds + part * slowSeconds),
  ];
  const points = times.map((seconds) => {
    const paid = paidFraction(parameters, seconds);
    const largest = largestFraction(account, paid, bufferShare);
    return { seconds, paidFraction: paid, largestFraction: largest, price: account.value * paid * largest };
  });
  return { kind: 'solvent', parameters, points };
}
