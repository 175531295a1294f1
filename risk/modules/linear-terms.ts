import type { RevaluedMargin } from './module.ts';

/** What one line of the book contributes when its asset's price is multiplied by a scale. */
export interface LinearTerm {
  readonly asset: number;
  /** d equity / d scale. */
  readonly value: number;
  /** Amount the rates apply to, at scale 1. */
  readonly notional: number;
  /** The notional is the same at every price (inverse contracts). */
  readonly fixedNotional?: boolean;
  readonly initialRate: number;
  readonly maintenanceRate: number;
  /** Unbuffered initial charge (oracle contingency, depeg). */
  readonly charge: number;
  readonly buffered: boolean;
  /** Collateral: charges never exceed the value. */
  readonly collateral: boolean;
  readonly capped: boolean;
}

/** Sums terms of degree one in their asset's price into `out`; overwrites it. */
export function evaluateTerms(
  constant: number,
  terms: readonly LinearTerm[],
  scale: Float64Array,
  initialFactor: Float64Array,
  maintenanceFactor: Float64Array,
  out: RevaluedMargin,
): void {
  let equity = constant;
  let initial = 0;
  let maintenance = 0;
  for (const term of terms) {
    const moved = scale[term.asset]!;
    let initialRate = term.initialRate * (term.buffered ? initialFactor[term.asset]! : 1);
    let maintenanceRate = term.maintenanceRate * (term.buffered ? maintenanceFactor[term.asset]! : 1);
    if (term.collateral) {
      initialRate = Math.min(1, initialRate);
      maintenanceRate = Math.min(1, maintenanceRate);
    }
    initialRate += term.capped ? Math.min(term.charge, 1 - initialRate) : term.charge;
    equity += term.value * moved;
    const notional = term.fixedNotional === true ? term.notional : term.notional * moved;
    initial += notional * initialRate;
    maintenance += notional * maintenanceRate;
  }
  out.equity = equity;
  out.initialRequirement = initial;
  out.maintenanceRequirement = maintenance;
}
