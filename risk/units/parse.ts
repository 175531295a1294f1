import type { z } from 'zod';
import { type FieldIssue, InvalidInputError } from '../errors.ts';

/** `['assets', 'BTC', 0]` as `assets.BTC[0]`. */
export function fieldPath(path: readonly PropertyKey[], root = ''): string {
  let text = root;
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else text += text === '' ? String(key) : `.${String(key)}`;
  }
  return text === '' ? 'input' : text;
}

/**
 * Parses with a zod schema and turns what is wrong into one typed error that names every field.
 * @throws InvalidInputError
 */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown, root = ''): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issues: FieldIssue[] = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ field: fieldPath([...issue.path, key], root), message: 'is not known' }))
      : [{ field: fieldPath(issue.path, root), message: issue.message }],
  );
  const [first, ...others] = issues;
  throw new InvalidInputError(first!.field, first!.message, {}, others);
}
