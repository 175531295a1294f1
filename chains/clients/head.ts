import type { UnixMs } from '../../risk/units/time.ts';
import type { ChainDefinition } from '../registry/chain.ts';

export interface Head {
  readonly number: bigint;
  readonly hash: `0x${string}`;
  readonly timeMs: UnixMs;
}

export interface HeadLimits {
  readonly maxAgeMs: number;
  readonly maxLagBlocks: bigint;
}

/** Nodes of a healthy network differ by this much for a moment: three blocks, or six seconds of short ones. */
const LAG_BLOCKS = 3;
const LAG_SECONDS = 6;

export function headLimits(definition: ChainDefinition): HeadLimits {
  const lag = Math.max(LAG_BLOCKS, Math.ceil(LAG_SECONDS / definition.blockTimeSeconds));
  return { maxAgeMs: definition.maxHeadAgeSeconds * 1000, maxLagBlocks: BigInt(lag) };
}

/**
 * Why a head is of no use by the clock, or null. A head in the future is as wrong as an old one: prices read
 * there would count as fresher than they are.
 */
export function untimely(head: Head, nowMs: UnixMs, limits: HeadLimits): string | null {
  const ageMs = nowMs - head.timeMs;
  const limit = `limit ${limits.maxAgeMs / 1000} s`;
  if (ageMs > limits.maxAgeMs) return `head ${head.number} is ${Math.round(ageMs / 1000)} s old (${limit})`;
  if (-ageMs > limits.maxAgeMs) {
    return `head ${head.number} is ${Math.round(-ageMs / 1000)} s ahead of the clock (${limit})`;
  }
  return null;
}

/** Why a head is too far behind the best known one, or null. */
export function lagging(head: Head, best: bigint, limits: HeadLimits): string | null {
  const lag = best - head.number;
  if (lag <= limits.maxLagBlocks) return null;
  return `head ${head.number} is ${lag} blocks behind the best known head ${best} (limit ${limits.maxLagBlocks})`;
}
