/** A `${NAME}` in the file whose variable is not set, by the JSON path of the string that names it. */
export interface MissingVariable {
  readonly path: readonly (string | number)[];
  readonly name: string;
}

const REFERENCE = /\$\{([A-Z][A-Z0-9_]*)\}/g;

/**
 * Replaces `${NAME}` in every string of a parsed JSON value by that environment variable, so that RPC URLs
 * with keys and addresses only an operator knows stay out of the file. An unset or empty variable is
 * reported, never replaced by nothing. Pure: the environment is passed in.
 */
export function interpolateEnvironment(
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly value: unknown; readonly missing: readonly MissingVariable[] } {
  const missing: MissingVariable[] = [];
  const walk = (node: unknown, path: readonly (string | number)[]): unknown => {
    if (typeof node === 'string') {
      return node.replace(REFERENCE, (reference, name: string) => {
        const found = environment[name];
        if (found !== undefined && found !== '') return found;
        missing.push({ path, name });
        return reference;
      });
    }
    if (Array.isArray(node)) return node.map((item, index) => walk(item, [...path, index]));
    if (node !== null && typeof node === 'object') {
      return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item, [...path, key])]));
    }
    return node;
  };
  return { value: walk(value, []), missing };
}
