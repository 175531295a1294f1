import { expect } from 'vitest';
import type { Ask } from '../support/contract.ts';
import { jsonRequest } from '../support/gateway.ts';

/** What these tests read of a margin answer. */
export interface Margin {
  readonly status: string;
  readonly equity: string;
  readonly requirement: { readonly initial: string; readonly maintenance: string };
  readonly net: { readonly initial: string; readonly maintenance: string };
  readonly venueChains: readonly {
    chain: string;
    block: string | null;
    cutOff: { code: string } | null;
    books: { block: string; blockTime: string } | null;
    haircut: Record<string, number> | null;
  }[];
  readonly chains: readonly { chain: string | null; equity: string }[];
  readonly moves: readonly { from: string | null; to: string | null; value: string; haircut: string }[];
  readonly failures: readonly { reason: { code: string } }[];
}

export async function marginOf(ask: Ask, account = 'carol'): Promise<Margin> {
  const answer = await ask(`/v1/accounts/${account}/margin`);
  expect(answer.status, answer.text).toBe(200);
  return answer.json as Margin;
}

/** Requirements no lower, and net strictly less: what a chain that is cut off must mean. */
export function noBetter(before: Margin, after: Margin): void {
  for (const key of ['initial', 'maintenance'] as const) {
    expect(Number(after.requirement[key])).toBeGreaterThanOrEqual(Number(before.requirement[key]));
    expect(Number(after.net[key])).toBeLessThan(Number(before.net[key]));
  }
}

/** What these tests read of every other answer about the account. */
export interface Answers {
  readonly margin: Margin;
  readonly capacity: {
    freeCollateral: string;
    orders: { market: string; size: string }[];
    withdrawals: { cash: string; collateral: { positionId: string; amount: string }[] };
  };
  readonly predicted: { current: Pick<Margin, 'equity' | 'net' | 'requirement' | 'status'> };
  readonly plan: { plan: { closes: { positionId: string }[] } };
  readonly price: { assets: { asset: string; down: { move: number } | null; already: boolean }[] };
  readonly stress: { scenarios: { name: string; equity: string; net: Margin['net'] }[] };
  readonly whatIf: { current: Margin; simulations: { margin: Margin }[] };
}

export async function all(ask: Ask): Promise<Answers> {
  const of = async (path: string, init?: RequestInit) => {
    const answer = await ask(`/v1/accounts/carol/${path}`, init);
    expect([path, answer.status, answer.text]).toEqual([path, 200, answer.text]);
    return answer.json as never;
  };
  return {
    margin: await of('margin'),
    capacity: await of('capacity'),
    predicted: await of('margin/predicted'),
    plan: await of('liquidation-plan?target=100000'),
    price: await of('liquidation-price'),
    stress: await of('stress'),
    whatIf: await of('margin/simulate', jsonRequest('POST', { simulations: [{ cashChange: '100' }] })),
  };
}
