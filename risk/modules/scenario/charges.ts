import type { ScenarioAccount } from './account.ts';

/** Short options that no long of the same expiry and strike covers: sum of max(0, -(net calls + puts)). */
export function nakedShorts(account: ScenarioAccount): number {
  let naked = 0;
  for (const expiry of account.expiries) {
    const byStrike = new Map<number, number>();
    for (const leg of expiry.legs) byStrike.set(leg.strike, (byStrike.get(leg.strike) ?? 0) + leg.amount);
    for (const net of byStrike.values()) naked += Math.max(0, -net);
  }
  return naked;
}

/**
 * Charge for prices that the oracles are not sure of, initial margin only: (1 - c) x factor x notional where c is
 * below the threshold. Perps on |n| S, options per expiry on the sum of sizes x S, collateral on its value.
 */
export function confidenceCharge(
  account: ScenarioAccount,
  p: { readonly threshold: number; readonly factor: number },
): number {
  const charge = (confidence: number, notional: number) =>
    confidence < p.threshold ? (1 - confidence) * p.factor * notional : 0;
  const base =
    account.perps === 0 ? account.spotConfidence : Math.min(account.spotConfidence, account.perpConfidence);
  let total = charge(base, Math.abs(account.perps) * account.spot);
  for (const expiry of account.expiries) {
    const confidence = Math.min(
      base,
      expiry.forwardConfidence,
      expiry.rateConfidence,
      expiry.volatilityConfidence,
    );
    const size = expiry.legs.reduce((sum, leg) => sum + Math.abs(leg.amount), 0);
    total += charge(confidence, size * account.spot);
  }
  for (const each of account.collateral) {
    total += charge(Math.min(each.confidence, account.spotConfidence), each.value);
  }
  return total;
}
