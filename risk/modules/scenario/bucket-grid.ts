/** Parameters of a bucket grid as Deribit's portfolio margin publishes them, per coin. */
export interface BucketGridParameters {
  /** Largest move of the standard grid, fraction. */
  readonly priceRange: number;
  /** Price steps on each side. */
  readonly buckets: number;
  /** Volatility scenarios per price step. */
  readonly volatilityScenarios: number;
  /** Share of a gain that may offset. */
  readonly pnlOffset: number;
  /** Far moves count only beyond this amount, in quote. */
  readonly extendedDampener: number;
  /** Roll: |delta| x max(annualised move x tau, least move), per expiry. */
  readonly annualisedMove: number;
  readonly minimumMove: number;
  /** Maintenance = this x risk matrix margin. */
  readonly maintenanceFactor: number;
}

/** A coin-settled linear instrument: `size` in coins at the mark, negative when short. */
export interface InverseInstrument {
  readonly id: string;
  readonly size: number;
  /** Years to expiry; null for the perpetual, which counts as an expiry of its own. */
  readonly tau: number | null;
}

export interface RiskVector {
  /** PnL in coins: price steps from -range to +range, each for every volatility scenario. */
  readonly standard: readonly number[];
  /** Far moves: two down, six up; a linear instrument is held at the edge of the range. */
  readonly extended: readonly number[];
}

/** Other charges in coins that the venue adds: open orders, market maker protection, spot. */
export interface ExtraCharges {
  readonly openOrders: number;
  readonly marketMakerProtection: number;
  readonly spot: number;
}

export interface BucketGridMargin {
  readonly vectors: ReadonlyMap<string, RiskVector>;
  readonly sum: RiskVector;
  /** Gains reduced to the share that offsets, far moves dampened. */
  readonly aggregated: RiskVector;
  readonly worstCase: number;
  /** Place of the worst case in the standard vector, from 0; -1 when a far move is worse. */
  readonly worstIndex: number;
  readonly rollShock: number;
  readonly riskMatrix: number;
  readonly initial: number;
  readonly maintenance: number;
}

const DECIMALS = 1e9;
const round9 = (value: number) => Math.round(value * DECIMALS) / DECIMALS;

/** PnL in coins of a coin-settled position when its price moves by the fraction x: size (1 - 1/(1 + x)). */
export function inversePnl(size: number, x: number): number {
  return size * (1 - 1 / (1 + x));
}

function vectorOf(size: number, p: BucketGridParameters): RiskVector {
  const standard: number[] = [];
  for (let i = -p.buckets; i <= p.buckets; i++) {
    const pnl = i === 0 ? 0 : inversePnl(size, (p.priceRange * i) / p.buckets);
    for (let k = 0; k < p.volatilityScenarios; k++) standard.push(pnl);
  }
  const down = inversePnl(size, -p.priceRange);
  const up = inversePnl(size, p.priceRange);
  return { standard, extended: [down, down, up, up, up, up, up, up] };
}

function add(a: readonly number[], b: readonly number[]): number[] {
  return b.map((value, i) => (a[i] ?? 0) + value);
}

/**
 * Initial and maintenance margin of coin-settled futures and perpetuals of one coin on a bucket grid. Instruments are
 * summed first, then gains are cut to `pnlOffset`. The worst case is rounded to 9 decimals before the sum, the initial
 * margin at the end, as the venue does. Options, delta shock and correlation groups are not covered.
 */
export function bucketGridMargin(
  instruments: readonly InverseInstrument[],
  indexPrice: number,
  p: BucketGridParameters,
  extra: ExtraCharges = { openOrders: 0, marketMakerProtection: 0, spot: 0 },
): BucketGridMargin {
  const vectors = new Map<string, RiskVector>();
  let sum: RiskVector = vectorOf(0, p);
  const deltas = new Map<number | null, number>();
  for (const { id, size, tau } of instruments) {
    const vector = vectorOf(size, p);
    vectors.set(id, vector);
    sum = { standard: add(sum.standard, vector.standard), extended: add(sum.extended, vector.extended) };
    deltas.set(tau, (deltas.get(tau) ?? 0) + size);
  }
  const offset = (pnl: number) => (pnl > 0 ? pnl * p.pnlOffset : pnl);
  const dampened = (pnl: number) =>
    Math.sign(pnl) * Math.max(0, Math.abs(pnl) - p.extendedDampener / indexPrice);
  const aggregated: RiskVector = {
    standard: sum.standard.map(offset),
    extended: sum.extended.map((pnl) => offset(dampened(pnl))),
  };
  const worst = Math.min(0, ...aggregated.standard, ...aggregated.extended);
  let rollShock = 0;
  for (const [tau, delta] of deltas) {
    rollShock += Math.abs(delta) * Math.max(p.annualisedMove * (tau ?? 0), p.minimumMove);
  }
  const riskMatrix = round9(-worst) + rollShock;
  return {
    vectors,
    sum,
    aggregated,
    worstCase: -worst,
    worstIndex: aggregated.standard.indexOf(worst),
    rollShock,
    riskMatrix,
    initial: round9(riskMatrix + extra.openOrders + extra.marketMakerProtection + extra.spot),
    maintenance: riskMatrix * p.maintenanceFactor,
  };
}
