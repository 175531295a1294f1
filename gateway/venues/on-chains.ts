import type { ChainState } from '../../risk/cross-chain/across.ts';
import type { AcrossContext } from '../../risk/cross-chain/across-module.ts';
import type { HaircutParameters } from '../../risk/cross-chain/haircut.ts';
import type { PositionFailure } from '../../risk/modules/module.ts';
import type { AnyPortfolio, AnyPosition } from '../../risk/portfolio/portfolio.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';

/** A block of a chain, as told in an answer. */
export interface BlockSeen {
  readonly number: bigint;
  readonly timeMs: UnixMs;
}

/** One venue of the account, and the book of it that counts. */
export interface VenueSeen {
  readonly chain: string;
  readonly name: string;
  readonly address: string;
  /** Of the book on chain. */
  readonly sequence: bigint;
}

/** What was read on chain for an account. */
export interface OnChains {
  readonly states: readonly ChainState[];
  /** In the order of the states. */
  readonly blocks: readonly {
    readonly chain: string;
    readonly number: bigint | null;
    readonly timeMs: UnixMs | null;
    /** Oldest block that the books which count are of: that of now, or one from before the chain went away; null = none. */
    readonly books: BlockSeen | null;
  }[];
  readonly venues: readonly VenueSeen[];
  readonly positions: readonly AnyPosition[];
  readonly cashOn: ReadonlyMap<string, Wad>;
  /** Of the deployment; chains may have their own in their links. */
  readonly haircut: HaircutParameters;
  /** Venues that have never been read: nobody knows what is there. */
  readonly failures: readonly PositionFailure[];
}

/** The pushed book, or what a change made of it, together with what lies on chains. */
export function withBooksOn(pushed: AnyPortfolio, onChains: OnChains | null): AnyPortfolio {
  if (onChains === null) return pushed;
  const { cashOn, positions } = onChains;
  return {
    ...pushed,
    cashWad: [...cashOn.values()].reduce((sum, cash) => sum + cash, pushed.cashWad),
    cashOn,
    positions: [...pushed.positions, ...positions],
  };
}

/** What the margin over several chains needs to know beside the portfolio. */
export const contextOf = ({ states, haircut, failures }: OnChains): AcrossContext => ({
  states,
  haircut,
  failures,
});
