import fc from 'fast-check';

export type Schema = Record<string, unknown>;
/** Values that the document cannot name, such as the markets that are listed; undefined leaves it to the schema. */
export type Hint = (name: string, schema: Schema) => fc.Arbitrary<unknown> | undefined;

const MAX_ELEMENTS = 4;
const MAX_TEXT = 24;

/** Arbitrary of the values of a JSON Schema 2020-12, as far as our document uses it. */
export function valuesOf(
  document: Schema,
  hint: Hint,
): (schema: Schema, name?: string) => fc.Arbitrary<unknown> {
  const values = (schema: Schema, name = ''): fc.Arbitrary<unknown> => {
    const hinted = hint(name, schema);
    if (hinted !== undefined) return hinted;
    if (typeof schema.$ref === 'string') {
      const component = schema.$ref.split('/').at(-1)!;
      return hint(component, schema) ?? values(resolve(document, schema.$ref), name);
    }
    if ('const' in schema) return fc.constant(schema.const);
    if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
    const either = (schema.oneOf ?? schema.anyOf) as Schema[] | undefined;
    if (either !== undefined) return fc.oneof(...either.map((one) => values(one, name)));
    const types = Array.isArray(schema.type) ? (schema.type as string[]) : [schema.type as string];
    return fc.oneof(...types.map((type) => ofType(type, schema, name)));
  };
  const ofType = (type: string, schema: Schema, name: string): fc.Arbitrary<unknown> => {
    switch (type) {
      case 'null':
        return fc.constant(null);
      case 'boolean':
        return fc.boolean();
      case 'integer':
        return fc.integer({
          min: Number(schema.minimum ?? 0),
          max: Math.min(Number(schema.maximum ?? 1000), 2 ** 31),
        });
      case 'number':
        return fc.double({
          min: Number(schema.minimum ?? schema.exclusiveMinimum ?? -1e6),
          max: Number(schema.maximum ?? 1e6),
          minExcluded: 'exclusiveMinimum' in schema,
          noNaN: true,
        });
      case 'string':
        return textOf(schema);
      case 'array': {
        const minLength = Number(schema.minItems ?? 0);
        const maxLength = Math.max(
          minLength,
          Math.min(Number(schema.maxItems ?? MAX_ELEMENTS), MAX_ELEMENTS),
        );
        const element = values((schema.items ?? {}) as Schema, name);
        return fc.array(element, { minLength, maxLength }).map((list) => distinct(list));
      }
      default: {
        const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
        const model = Object.fromEntries(properties.map(([key, one]) => [key, values(one, key)]));
        return fc.record(model, { requiredKeys: (schema.required ?? []) as string[] });
      }
    }
  };
  return values;
}

/** Lists of ours name a thing once: elements with an id get distinct ones, and plain elements are not repeated. */
function distinct(list: readonly unknown[]): unknown[] {
  const seen = new Set<string>();
  return list
    .map((one, index) =>
      typeof one === 'object' && one !== null && 'id' in one
        ? { ...one, id: `${String(one.id)}-${index}` }
        : one,
    )
    .filter((one) => {
      const text = JSON.stringify(one);
      return !seen.has(text) && seen.add(text) !== undefined;
    });
}

function textOf(schema: Schema): fc.Arbitrary<string> {
  const example = typeof schema.example === 'string' ? [fc.constant(schema.example)] : [];
  if (typeof schema.pattern === 'string') {
    return fc.oneof(...example, matching(schema.pattern));
  }
  if (schema.format === 'date-time') return fc.constant('2026-03-14T14:00:00.000Z');
  if (example.length > 0) return example[0]!;
  const minLength = Number(schema.minLength ?? 0);
  return fc.string({
    unit: 'grapheme-ascii',
    minLength,
    maxLength: Math.max(minLength, Math.min(Number(schema.maxLength ?? MAX_TEXT), MAX_TEXT)),
  });
}

const matchers = new Map<string, fc.Arbitrary<string>>();

/** fast-check has no look-ahead: it is left out of what is generated and asked of the result. */
function matching(pattern: string): fc.Arbitrary<string> {
  const known = matchers.get(pattern);
  if (known !== undefined) return known;
  const whole = new RegExp(pattern);
  const plain = pattern.replaceAll(/\(\?!(?:[^()]|\([^()]*\))*\)/g, '').replaceAll('{0,127}', '{0,20}');
  const made = fc.stringMatching(new RegExp(plain)).filter((text) => whole.test(text));
  matchers.set(pattern, made);
  return made;
}

function resolve(document: Schema, ref: string): Schema {
  return ref
    .slice(2)
    .split('/')
    .reduce<unknown>((node, key) => (node as Schema)[key], document) as Schema;
}
