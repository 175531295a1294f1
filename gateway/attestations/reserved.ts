import type { Reservation } from '../../db/queries/withdrawals.ts';
import type { AnyPortfolio, AnyPosition } from '../../risk/portfolio/portfolio.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { OnChains } from '../venues/on-chains.ts';

/** The account that a withdrawal is worked out for, as it was just read. */
export interface HeldBook {
  readonly portfolio: AnyPortfolio;
  readonly onChains: OnChains | null;
}

/** Who would pay, under which nonce: other attestations of which only one can be used exclude this one. */
export interface Payer {
  readonly chain: string;
  /** Address in lower case. */
  readonly consumer: string;
  /** null: one that nobody has used. */
  readonly nonce: bigint | null;
}

/** For how long after it expired a withdrawal counts that is paid from what was pushed: the protocol has yet to push it. */
export const PUSH_GRACE_MS = 60_000;

/**
 * The book with everything gone that signed attestations still allow to be withdrawn.
 *
 * One for a venue ends when the venue's book has another sequence (it was used, or cannot be any more) or was read at a
 * block after it expired, in which every use of it is seen. One that is paid from what was pushed ends a minute after it
 * expired. Of those for one book of a venue only one can be used, and so of those with one nonce: the largest counts, and
 * none of those against which the payer's own is one.
 */
export function lessReserved(
  { portfolio, onChains }: HeldBook,
  reserved: readonly Reservation[],
  payer: Payer,
  nowMs: UnixMs,
): AnyPortfolio {
  const taken = new Map<string, Reservation>();
  for (const one of reserved) {
    const current = sequenceOf(one, onChains);
    if (!isLive(one, current, onChains, nowMs) || excludes(one, payer, current)) continue;
    const { chain, consumer, asset, venue, sequence, nonce } = one;
    const key = JSON.stringify([chain, consumer, asset, String(venue === null ? nonce : sequence)]);
    const before = taken.get(key);
    if (before === undefined || one.amountWad > before.amountWad) taken.set(key, one);
  }
  let positions = portfolio.positions;
  for (const one of taken.values()) positions = without(positions, one);
  return { ...portfolio, positions };
}

/** Of the venue's book as it was read; null: paid from what was pushed, or nothing is known of the venue. */
function sequenceOf({ chain, consumer, venue }: Reservation, onChains: OnChains | null): bigint | null {
  if (venue === null) return null;
  const at = onChains?.venues.find((one) => one.chain === chain && one.address.toLowerCase() === consumer);
  return at?.sequence ?? null;
}

function isLive(
  { chain, venue, sequence, validUntilMs }: Reservation,
  current: bigint | null,
  onChains: OnChains | null,
  nowMs: UnixMs,
): boolean {
  if (venue === null) return nowMs <= validUntilMs + PUSH_GRACE_MS;
  if (current !== null && sequence < current) return false;
  const readMs = onChains?.blocks.find((one) => one.chain === chain)?.books?.timeMs ?? null;
  return readMs === null || readMs <= validUntilMs;
}

/** Whether of this one and the payer's new one only one can be used. */
function excludes(one: Reservation, { chain, consumer, nonce }: Payer, current: bigint | null): boolean {
  if (one.chain !== chain || one.consumer !== consumer) return false;
  return one.nonce === nonce || (one.venue !== null && one.sequence === current);
}

/** Takes the amount from the collateral that the contract could pay with, the largest position first. */
function without(positions: readonly AnyPosition[], one: Reservation): readonly AnyPosition[] {
  const { asset, chain, venue } = one;
  const id = `@${chain}:${venue}:collateral:${asset}`;
  const payable = positions
    .flatMap((position, index) =>
      position.kind === 'collateral' &&
      position.asset === asset &&
      (venue === null
        ? !position.id.startsWith('@') && (position.chain === null || position.chain === chain)
        : position.id === id)
        ? [{ index, amountWad: position.amountWad }]
        : [],
    )
    .sort((a, b) => (a.amountWad < b.amountWad ? 1 : -1));
  const less = [...positions];
  let left: Wad = one.amountWad;
  for (const { index, amountWad } of payable) {
    const gone = amountWad < left ? amountWad : left;
    left -= gone;
    less[index] = { ...(less[index] as AnyPosition & { kind: 'collateral' }), amountWad: amountWad - gone };
  }
  return less;
}
