import type { FiledConsent, Sees } from '../../db/queries/consents.ts';
import type { Reason } from '../../risk/market/verdict.ts';
import type { BookFigures, Pair } from '../../risk/netting/relief.ts';
import type { AnyPosition } from '../../risk/portfolio/portfolio.ts';

/** What an answer says about the consent in force for its account. */
export interface NettingAnswer {
  readonly filed: FiledConsent;
  /** The other side, as the consent names it. */
  readonly protocol: string;
  readonly account: string;
  readonly sees: Sees;
  /** What was taken off the requirement; zero while it is suspended. */
  readonly relief: Pair;
  /** Why both are margined alone for now; null: they are netted. */
  readonly suspended: Reason | null;
  /** By the module of the consent; null while it is suspended. */
  readonly figures: {
    readonly own: BookFigures;
    readonly other: BookFigures;
    readonly combined: Pair;
    /** null: the consent does not let this side see them. */
    readonly positions: readonly AnyPosition[] | null;
  } | null;
}
