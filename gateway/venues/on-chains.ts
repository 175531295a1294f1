import type { ChainState } from '../../risk/cross-chain/across.ts';
import type { PositionFailure } from '../../risk/modules/module.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';

/** What was read on chain for an account. */
export interface OnChains {
  readonly states: readonly ChainState[];
  readonly blocks: readonly {
    readonly chain: string;
    readonly number: bigint | null;
    readonly timeMs: UnixMs | null;
  }[];
  readonly cashByChain: ReadonlyMap<string, Wad>;
  /** Venues that have never been read: nobody knows what is there. */
  readonly failures: readonly PositionFailure[];
}
