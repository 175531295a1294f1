import { z } from 'zod';

/**
 * Schema of overrides by asset symbol. What is given replaces the entry of that asset and leaves the rest of the default
 * table in force: naming one asset must not make a stablecoin volatile. Own keys only are read (`overrideOf`).
 */
export function assetTable<S extends z.ZodType>(entry: S, defaults: Readonly<Record<string, z.output<S>>>) {
  return z
    .record(z.string().regex(/^[A-Za-z0-9.]{1,16}$/, 'must be an asset symbol'), entry)
    .default({ ...defaults } as never)
    .describe('Overrides by asset; an entry replaces the default entry of that asset only')
    .transform((given): Readonly<Record<string, z.output<S>>> => ({ ...defaults, ...given }));
}
