import { z } from 'zod';
import { parseInput } from '../../units/parse.ts';
import type { RiskModule } from '../module.ts';
import { requirementsOf } from '../requirements.ts';
import { calculateStandard } from './calculate.ts';
import { bufferOf, type StandardParameters, standardSchema } from './parameters.ts';
import { standardRevaluer } from './revaluer.ts';

/** `standard` 1.0.0: per-leg margin of perps, options and spot collateral with the predictive buffer. */
export const standardModule: RiskModule<StandardParameters> = {
  id: 'standard',
  version: '1.0.0',
  title: 'Per-leg margin scaled by forecast volatility',
  parametersJsonSchema: z.toJSONSchema(standardSchema, { io: 'input' }),
  defaultParameters: standardSchema.parse({}),
  parseParameters: (input) => parseInput(standardSchema, input),
  requirements: (portfolio, markets, p) =>
    requirementsOf(
      portfolio,
      markets,
      (asset) => bufferOf(p, asset),
      p.depeg.feedId === null ? [] : [p.depeg.feedId],
    ),
  calculate: calculateStandard,
  bufferParameters: (asset, parameters) => bufferOf(parameters, asset),
  revaluer: standardRevaluer,
};
