import type { Wad } from '../../risk/units/wad.ts';

const WAD = 10n ** 18n;

export interface MoveInput {
  /** What the forecast asks for now. */
  readonly computed: Wad;
  /** The last value that was published or is on its way, and since when (wall time); null before the first. */
  readonly last: { readonly value: Wad; readonly atMs: number } | null;
  /** What approvers let the gateway's key publish alone; null: nothing. */
  readonly bounds: { readonly min: Wad; readonly max: Wad } | null;
  /** What was proposed before and not carried out (vetoed, refused, waits): it is not proposed again as it was. */
  readonly held: Wad | null;
  /** The same of what approvers were asked for. */
  readonly heldAsked: Wad | null;
  /** Smallest change worth a publication, as a share of the value before (18 decimals). */
  readonly minChangeWad: Wad;
  /** Wall time that a value stands before it is lowered. */
  readonly lowerAfterMs: number;
  readonly nowMs: number;
}

export interface Move {
  /** What the gateway may publish alone; null: nothing. */
  readonly alone: Wad | null;
  /** What only approvers may decide, and why; null: nothing. */
  readonly asked: { readonly value: Wad; readonly reason: string } | null;
}

/**
 * What a forecast does to a published value: raised at once, lowered after a while, left alone where little changes. A
 * value outside the approved bounds is for approvers; as far as the bounds go the gateway acts alone.
 */
export function moveOf(input: MoveInput): Move {
  const { computed, last, bounds, held, heldAsked } = input;
  const reason = outside(computed, bounds);
  const asked =
    reason !== null && worthwhile(input, computed) && differs(input, heldAsked, computed)
      ? { value: computed, reason }
      : null;
  if (bounds === null) return { alone: null, asked };
  const { min, max } = bounds;
  const cut = computed < min ? min : computed > max ? max : computed;
  // Approvers went further than the bound in the same direction: the gateway does not take that back.
  const beyond =
    last !== null && ((computed > max && last.value >= max) || (computed < min && last.value <= min));
  const alone = !beyond && worthwhile(input, cut) && differs(input, held, cut) ? cut : null;
  return { alone, asked };
}

function outside(value: Wad, bounds: MoveInput['bounds']): string | null {
  if (bounds === null) return 'the hub has no approved bounds for it';
  if (value > bounds.max) return `above the approved bound of ${share(bounds.max)}`;
  return value < bounds.min ? `below the approved bound of ${share(bounds.min)}` : null;
}

function worthwhile({ last, minChangeWad, lowerAfterMs, nowMs }: MoveInput, next: Wad): boolean {
  if (last === null) return true;
  if (!changes(last.value, next, minChangeWad)) return false;
  return next > last.value || nowMs - last.atMs >= lowerAfterMs;
}

const differs = ({ minChangeWad }: MoveInput, held: Wad | null, next: Wad) =>
  held === null || changes(held, next, minChangeWad);

function changes(from: Wad, to: Wad, minChangeWad: Wad): boolean {
  const change = to > from ? to - from : from - to;
  return change > 0n && change * WAD >= from * minChangeWad;
}

/** A share for people: at most 6 decimals. */
export const share = (value: Wad) => String(Number(value / 10n ** 12n) / 1e6);
