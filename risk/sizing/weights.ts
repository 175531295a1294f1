/**
 * Collateral weight that falls with size: at most `weight`, 1.1 / (1 + imf sqrt(size)) for large sizes. `size` in base units.
 */
export function sizeDiscountedAssetWeight(weight: number, size: number, imfFactor: number): number {
  if (imfFactor === 0) return weight;
  return Math.min(weight, 1.1 / (1 + imfFactor * Math.sqrt(size)));
}

/** Liability weight that rises with size: at least `weight`, 0.8 weight + imf sqrt(size) for large sizes. */
export function sizePremiumLiabilityWeight(weight: number, size: number, imfFactor: number): number {
  if (imfFactor === 0) return weight;
  return Math.max(weight, 0.8 * weight + imfFactor * Math.sqrt(size));
}

/** Collateral weight that falls as all deposits together pass `scaleStart` (both in quote). */
export function depositScaledWeight(weight: number, depositsValue: number, scaleStart: number): number {
  return scaleStart > 0 && depositsValue > scaleStart ? (weight * scaleStart) / depositsValue : weight;
}

/**
 * Initial margin fraction that grows to 1 as open interest passes from `lower` to `upper` (quote notional):
 * base + (1 - base) (OI - lower) / (upper - lower). No bounds (upper 0): the base.
 */
export function openInterestScaledFraction(
  base: number,
  openInterest: number,
  lower: number,
  upper: number,
): number {
  if (upper <= lower || openInterest <= lower) return upper > 0 && openInterest >= upper ? 1 : base;
  return openInterest >= upper ? 1 : base + ((1 - base) * (openInterest - lower)) / (upper - lower);
}

/** A spot balance with its open orders, all in base units, `asks` positive. */
export interface OpenOrders {
  readonly balance: number;
  readonly bids: number;
  readonly asks: number;
}

/** The worse of all bids filled and all asks filled, as its contribution to free collateral. */
export function worstCaseOrders(
  orders: OpenOrders,
  price: number,
  assetWeight: number,
  liabilityWeight: number,
) {
  const filled = (tokens: number, ordersValue: number) => {
    const tokenAmount = orders.balance + tokens;
    const tokenValue = tokenAmount * price;
    const weighted = tokenValue * (tokenValue >= 0 ? assetWeight : liabilityWeight);
    return { tokenAmount, tokenValue, weighted, ordersValue, freeCollateral: weighted + ordersValue };
  };
  const bought = filled(orders.bids, -orders.bids * price);
  const sold = filled(-orders.asks, orders.asks * price);
  return sold.freeCollateral < bought.freeCollateral ? sold : bought;
}
