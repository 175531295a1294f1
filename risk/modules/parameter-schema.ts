import { z } from 'zod';
import { parseInput } from '../units/parse.ts';
import type { RiskModule } from './module.ts';

/** The members of a module that its parameter schema alone decides. */
export function parameterMembers<P>(
  schema: z.ZodType<P>,
): Pick<RiskModule<P>, 'parametersJsonSchema' | 'defaultParameters' | 'parseParameters'> {
  return {
    parametersJsonSchema: z.toJSONSchema(schema, { io: 'input' }),
    defaultParameters: schema.parse({}),
    parseParameters: (input) => parseInput(schema, input),
  };
}
