/** A pool that buys what is liquidated, in whole units; price = quote per base. */
export type Pool =
  | { readonly kind: 'constant-product'; readonly base: number; readonly quote: number; readonly fee: number }
  /** Concentrated liquidity in the range of the current price; `lowestPrice` ends it. */
  | {
      readonly kind: 'concentrated';
      readonly liquidity: number;
      readonly price: number;
      readonly lowestPrice: number;
      readonly fee: number;
    };

/** Largest amount of base that a pool can take at all. */
export function poolCapacity(pool: Pool): number {
  if (pool.kind === 'constant-product') return Number.POSITIVE_INFINITY;
  const range = 1 / Math.sqrt(pool.lowestPrice) - 1 / Math.sqrt(pool.price);
  return (pool.liquidity * range) / (1 - pool.fee);
}

/** Quote received for selling `amount` of base (x y = k, or L (1/sqrt P) within the range); the fee is on the input. */
export function sellInto(pool: Pool, amount: number): number {
  const net = amount * (1 - pool.fee);
  if (pool.kind === 'constant-product') return (pool.quote * net) / (pool.base + net);
  const root = Math.sqrt(pool.price);
  const after = 1 / (1 / root + net / pool.liquidity);
  return pool.liquidity * (root - after);
}

/** Quote for the last unit when `amount` has been sold. */
export function marginalPrice(pool: Pool, amount: number): number {
  const net = amount * (1 - pool.fee);
  if (pool.kind === 'constant-product') {
    return ((1 - pool.fee) * pool.quote * pool.base) / (pool.base + net) ** 2;
  }
  const root = 1 / (1 / Math.sqrt(pool.price) + net / pool.liquidity);
  return (1 - pool.fee) * root * root;
}

export interface Route {
  /** Sold into each pool, in the order given. */
  readonly amounts: readonly number[];
  /** Left for the auction at its price. */
  readonly auction: number;
  readonly proceeds: number;
  /** Loss against selling all at `reference`, as a share of it. */
  readonly impact: number;
}

/**
 * Cheapest mix: every pool is sold into until its marginal price has fallen to a common level, at least what the
 * auction pays; the rest goes to the auction. Found by bisecting that level.
 */
export function cheapestRoute(
  pools: readonly Pool[],
  amount: number,
  auctionPrice: number,
  reference: number,
): Route {
  const takenAt = (pool: Pool, level: number): number => {
    const capacity = Math.min(poolCapacity(pool), amount);
    if (marginalPrice(pool, 0) <= level) return 0;
    if (marginalPrice(pool, capacity) >= level) return capacity;
    let [low, high] = [0, capacity];
    for (let i = 0; i < 80; i++) {
      const middle = (low + high) / 2;
      if (marginalPrice(pool, middle) > level) low = middle;
      else high = middle;
    }
    return low;
  };
  const total = (level: number) => pools.reduce((sum, pool) => sum + takenAt(pool, level), 0);
  let level = Math.max(0, auctionPrice);
  if (total(level) > amount) {
    let [low, high] = [level, Math.max(...pools.map((pool) => marginalPrice(pool, 0)))];
    for (let i = 0; i < 80; i++) {
      const middle = (low + high) / 2;
      if (total(middle) > amount) low = middle;
      else high = middle;
    }
    level = high;
  }
  const amounts = pools.map((pool) => takenAt(pool, level));
  const auction = Math.max(0, amount - amounts.reduce((sum, each) => sum + each, 0));
  const proceeds = pools.reduce((sum, pool, i) => sum + sellInto(pool, amounts[i]!), auction * auctionPrice);
  return { amounts, auction, proceeds, impact: amount > 0 ? 1 - proceeds / (amount * reference) : 0 };
}
