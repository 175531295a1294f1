/** One option leg; volatility is the mark's, annualised. */
export interface ScenarioLeg {
  readonly strike: number;
  readonly isCall: boolean;
  readonly amount: number;
  readonly volatility: number;
}

/** All options of one expiry with the market that prices them. */
export interface ScenarioExpiry {
  /** Years to expiry (365 days). */
  readonly tau: number;
  /** A shocked forward is fixed + variable x spot shock; unshocked it is their sum. */
  readonly forwardFixed: number;
  readonly forwardVariable: number;
  /** Continuous rate per year, as quoted. */
  readonly rate: number;
  readonly forwardConfidence: number;
  readonly rateConfidence: number;
  readonly volatilityConfidence: number;
  readonly legs: readonly ScenarioLeg[];
}

/** Collateral in units of the settlement stablecoin. */
export interface ScenarioCollateral {
  readonly id: string;
  /** amount x price / stable price. */
  readonly value: number;
  /** Moves with the underlying (the coin itself or a liquid-staking form of it). */
  readonly riskCancelling: boolean;
  readonly maintenanceHaircut: number;
  /** On top of the maintenance haircut. */
  readonly initialHaircut: number;
  readonly confidence: number;
}

/** One underlying with everything that nets against it; float64. */
export interface ScenarioAccount {
  readonly cash: number;
  readonly spot: number;
  readonly spotConfidence: number;
  readonly perps: number;
  readonly perpPrice: number;
  readonly perpConfidence: number;
  readonly unrealisedPnl: number;
  readonly unsettledFunding: number;
  readonly stablePrice: number;
  readonly collateral: readonly ScenarioCollateral[];
  readonly expiries: readonly ScenarioExpiry[];
}
