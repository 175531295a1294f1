import { keccak256, toBytes } from 'viem';
import { GUARD_LIMITS } from '../guards/limits.ts';
import { CLASS_LIMITS } from './classes.ts';
import type { FeedConfig } from './feeds.ts';

/** JSON with keys in code-unit order at every level and no spaces: one text per value. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    fields.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

const hashes = new WeakMap<FeedConfig, string>();

/**
 * keccak256 over the canonical JSON of the feed's configuration and of the guards' built-in limits: two verdicts with
 * the same hash and the same reports are the same verdict. Kept per configuration object.
 */
export function configHash(config: FeedConfig): string {
  const known = hashes.get(config);
  if (known !== undefined) return known;
  const hash = keccak256(
    toBytes(canonicalJson({ feed: config, limits: GUARD_LIMITS, classes: CLASS_LIMITS })),
  );
  hashes.set(config, hash);
  return hash;
}

/** keccak256 over everything that holds without a feed's own configuration: the default limits of all classes. */
export function defaultsHash(): string {
  return keccak256(toBytes(canonicalJson({ limits: GUARD_LIMITS, classes: CLASS_LIMITS })));
}
