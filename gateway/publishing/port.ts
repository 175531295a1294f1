import type { PublicationView } from '../../db/queries/publications.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';

/** A decision that approvers of the hub signed, as it is handed in. */
export interface GivenDecision {
  readonly market: string;
  readonly updateType: string;
  readonly decision:
    | { readonly kind: 'parameter'; readonly valueWad: Wad; readonly referenceId: string }
    | { readonly kind: 'bounds'; readonly minWad: Wad; readonly maxWad: Wad };
  readonly nonce: bigint;
  /** Unix seconds. */
  readonly validUntil: bigint;
  readonly signatures: readonly `0x${string}`[];
}

/** Publications of one protocol. All throw DatabaseUnavailableError. */
export interface PublicationsPort {
  /** Newest first. */
  list(
    protocol: string,
    page: {
      readonly before: { readonly createdAtMs: UnixMs; readonly id: string } | null;
      readonly limit: number;
    },
  ): Promise<readonly PublicationView[]>;
  /**
   * Takes a signed decision to the hub, which checks it; the same one again is the same publication.
   * @throws UnknownParameterLineError, ApprovalRefusedError for what is no signature
   */
  decide(protocol: string, given: GivenDecision, actor: string): Promise<PublicationView>;
}
