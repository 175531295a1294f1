import type { AddOnParameters } from '../addons/parameters.ts';
import type { FundingParameters } from '../funding/parameters.ts';

/** What versions add to 1.0.0. */
export interface StandardExtras {
  /** From 1.1.0. */
  readonly addOns: AddOnParameters | null;
  /** From 1.2.0, which reads funding and settlement prices of venues; null: neither is read. */
  readonly funding: FundingParameters | null;
}

/** Version 1.0.0. */
export const NO_EXTRAS: StandardExtras = { addOns: null, funding: null };
