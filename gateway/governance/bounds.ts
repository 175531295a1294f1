import type { Bound } from '../../db/queries/governance.ts';
import type { FieldIssue } from '../../risk/errors.ts';

/** Every leaf of a JSON value with its path; empty objects and arrays are leaves. */
export function leavesOf(value: unknown, path: readonly string[] = []): Map<string, unknown> {
  const entries =
    typeof value === 'object' && value !== null ? Object.entries(value as Record<string, unknown>) : [];
  if (entries.length === 0) return new Map([[path.join('.'), value]]);
  return new Map(entries.flatMap(([key, inner]) => [...leavesOf(inner, [...path, key])]));
}

function matches(pattern: string, path: string): boolean {
  if (pattern === '**' || pattern === path) return true;
  const parts = pattern.split('.');
  const given = path.split('.');
  return parts.length === given.length && parts.every((part, at) => part === '*' || part === given[at]);
}

/**
 * What keeps `after` from being proposed over `before`, both validated parameters with their defaults. Each number that
 * changes must keep every bound that matches its path; where there are bounds, what none of them names must not change.
 */
export function boundIssues(
  before: unknown,
  after: unknown,
  bounds: Readonly<Record<string, Bound>>,
): readonly FieldIssue[] {
  const rules = Object.entries(bounds);
  if (rules.length === 0) return [];
  const old = leavesOf(before);
  const issues: FieldIssue[] = [];
  const next = leavesOf(after);
  for (const path of new Set([...old.keys(), ...next.keys()])) {
    const [from, to] = [old.get(path), next.get(path)];
    if (JSON.stringify(from) === JSON.stringify(to)) continue;
    const field = `parameters.${path}`;
    const own = rules.filter(([pattern]) => matches(pattern, path));
    if (own.length === 0) issues.push({ field, message: 'no bound of the policy lets it change' });
    for (const [, bound] of own) {
      const message = broken(bound, numberOf(path, from), numberOf(path, to));
      if (message !== null) issues.push({ field, message });
    }
  }
  return issues;
}

const DECIMAL = /^\d+(\.\d+)?$/;

/** Terms of lending are decimal strings; a cap that is lifted is beyond every number. */
function numberOf(path: string, value: unknown): unknown {
  if (!path.startsWith('lending.') || typeof value !== 'string') return value;
  return value === 'none' ? Number.POSITIVE_INFINITY : DECIMAL.test(value) ? Number(value) : value;
}

function broken({ min, max, maxRelativeChange: share }: Bound, from: unknown, to: unknown): string | null {
  if (typeof to !== 'number') return null;
  if (min !== undefined && to < min) return `must be at least ${min}`;
  if (max !== undefined && to > max) return `must be at most ${max}`;
  if (share === undefined || typeof from !== 'number') return null;
  // a cap where there was none is no share of anything, and only takes
  if (from === Number.POSITIVE_INFINITY) return null;
  // Beyond float rounding: 0.1 to 0.15 is a change of exactly one half.
  const allowed = Math.abs(from) * share * (1 + 1e-12);
  return Math.abs(to - from) > allowed ? `may change by at most ${share * 100} % of ${from}` : null;
}
