import { describe, expect, it } from 'vitest';
import {
  depositScaledWeight,
  openInterestScaledFraction,
  sizeDiscountedAssetWeight,
  sizePremiumLiabilityWeight,
  worstCaseOrders,
} from '../../../risk/sizing/weights.ts';

describe('weights that depend on size', () => {
  it('worsen with size and never beat the base', () => {
    expect(sizeDiscountedAssetWeight(0.9, 1, 0.01)).toBe(0.9);
    expect(sizeDiscountedAssetWeight(0.9, 1000, 0.01)).toBeCloseTo(0.83572, 5);
    expect(sizePremiumLiabilityWeight(1.1, 1, 0.01)).toBe(1.1);
    expect(sizePremiumLiabilityWeight(1.1, 1000, 0.01)).toBeCloseTo(1.19623, 5);
    expect(depositScaledWeight(0.9, 1e6, 5e5)).toBe(0.45);
    expect(depositScaledWeight(0.9, 1e5, 5e5)).toBe(0.9);
    expect(depositScaledWeight(0.9, 1e9, 0)).toBe(0.9);
  });

  it('grow the initial fraction with open interest, up to all of it', () => {
    const at = (interest: number) => openInterestScaledFraction(0.2, interest, 1e6, 2e6);
    expect([0, 1e6, 2e6, 9e6].map(at)).toEqual([0.2, 0.2, 1, 1]);
    expect(at(1.5e6)).toBeCloseTo(0.6, 12);
    expect(openInterestScaledFraction(0.2, 9e9, 0, 0)).toBe(0.2);
  });

  it('take the worse of bids and asks', () => {
    expect(worstCaseOrders({ balance: -100, bids: 0, asks: 100 }, 100, 0.8, 1.2).freeCollateral).toBe(-14000);
    expect(worstCaseOrders({ balance: 100, bids: 100, asks: 0 }, 100, 0.8, 1.2).freeCollateral).toBe(6000);
  });
});
