import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';

/**
 * One line that a proposal changes on chain. `value`: the gateway's key publishes it alone; `parameter` and `bounds`:
 * decisions that approvers of the hub sign (chains/contracts/decisions.ts). Values have 18 decimals.
 */
export interface HubChange {
  readonly kind: 'value' | 'parameter' | 'bounds';
  readonly market: string;
  readonly marketAddress: string;
  readonly updateType: string;
  /** Of a value or parameter. */
  readonly value: Wad | null;
  /** Of bounds. */
  readonly min: Wad | null;
  readonly max: Wad | null;
  /** What RiskOracle of the hub answered when the change was made; null before the first. */
  readonly previous: Wad | null;
  /** What the forecast asked for, where the bounds cut it. */
  readonly computed: Wad | null;
  /** Market time at which a rise under notice is fully in force: until then more steps follow; null: none is under way. */
  readonly risesUntilMs: UnixMs | null;
  /** Id of its publication; '' until the hub was asked for the nonce. */
  readonly publication: string;
  /** The message of the EIP-712 typed data; null for a value, and until the hub was asked. */
  readonly decision: Readonly<Record<string, unknown>> | null;
}

/** What a proposal changes on chain. */
export interface ProposalOnChain {
  /** Registry id of the hub's chain. */
  readonly hub: string;
  readonly chainId: number;
  readonly address: string;
  /** Approvals that the hub asks for. */
  readonly threshold: number;
  readonly changes: readonly HubChange[];
  /** Lines that it changes here but not there, and why. */
  readonly omitted: readonly {
    readonly market: string;
    readonly updateType: string;
    readonly reason: string;
  }[];
}
