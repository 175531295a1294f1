import { z } from '@hono/zod-openapi';
import { findModule, ModuleNotFoundError } from '../../risk/modules/registry.ts';
import { InvalidRequestError } from '../app/errors.ts';
import type { ModuleRef } from '../engine/risk-configuration.ts';

const RULE = 'must look like scenario@2.0.0';

/** Query of every risk answer: the module to calculate with. */
export const moduleQuery = {
  module: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}@\d{1,4}\.\d{1,4}\.\d{1,4}$/, RULE)
    .optional()
    .openapi({
      example: 'scenario@2.0.0',
      description: 'Module and version to calculate with. Default: that of the deployment.',
    }),
};

export const moduleOnlyQuery = z.strictObject(moduleQuery);

/** What `module` names; null without it. @throws InvalidRequestError for a module that is not there */
export function moduleOf(query: { readonly module?: string | undefined }): ModuleRef | null {
  if (query.module === undefined) return null;
  const [id, version] = query.module.split('@') as [string, string];
  try {
    findModule(id, version);
  } catch (error) {
    if (!(error instanceof ModuleNotFoundError)) throw error;
    throw new InvalidRequestError([{ field: 'module', message: error.message }]);
  }
  return { id, version };
}
