import { z } from '@hono/zod-openapi';
import type { RiskModule } from '../../risk/modules/module.ts';
import { identifier } from './common.ts';

export const moduleParams = z.strictObject({
  id: identifier.openapi({ param: { name: 'id', in: 'path' }, example: 'standard' }),
  version: identifier.openapi({ param: { name: 'version', in: 'path' }, example: '1.0.0' }),
});

const jsonObject = z.record(z.string(), z.unknown());

const summaryFields = { id: z.string(), version: z.string(), title: z.string() };
export const moduleSummarySchema = z.object(summaryFields).openapi('RiskModuleSummary');

export const moduleListSchema = z.object({ modules: z.array(moduleSummarySchema) }).openapi('RiskModuleList');

export const moduleSchema = z
  .object({
    ...summaryFields,
    parametersSchema: jsonObject.openapi({ description: 'JSON Schema 2020-12 of the parameters.' }),
    defaultParameters: jsonObject,
  })
  .openapi('RiskModule');

export function moduleSummaryDto(module: RiskModule<unknown>): z.infer<typeof moduleSummarySchema> {
  return { id: module.id, version: module.version, title: module.title };
}

export function moduleDto(module: RiskModule<unknown>): z.infer<typeof moduleSchema> {
  return {
    ...moduleSummaryDto(module),
    parametersSchema: { ...module.parametersJsonSchema },
    defaultParameters: plain(module.defaultParameters) as Record<string, unknown>,
  };
}

/** Parameters as JSON can hold them: bigints become decimal integer strings. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  }
  return value;
}
