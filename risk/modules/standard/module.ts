import type { z } from 'zod';
import type { AddOnParameters } from '../addons/parameters.ts';
import type { RiskModule } from '../module.ts';
import { parameterMembers } from '../parameter-schema.ts';
import { requirementsOf } from '../requirements.ts';
import { calculateStandard } from './calculate.ts';
import {
  bufferOf,
  type StandardParameters,
  type StandardWithAddOns,
  standardSchema,
  standardWithAddOnsSchema,
} from './parameters.ts';
import { standardRevaluer } from './revaluer.ts';

function standard<P extends StandardParameters>(
  version: string,
  title: string,
  schema: z.ZodType<P>,
  addOnsOf: (parameters: P) => AddOnParameters | null,
): RiskModule<P> {
  return {
    id: 'standard',
    version,
    title,
    ...parameterMembers(schema),
    requirements: (portfolio, markets, p) =>
      requirementsOf(
        portfolio,
        markets,
        (asset) => bufferOf(p, asset),
        p.depeg.feedId === null ? [] : [p.depeg.feedId],
      ),
    calculate: (portfolio, markets, market, p) =>
      calculateStandard(portfolio, markets, market, p, addOnsOf(p)),
    bufferParameters: (asset, parameters) => bufferOf(parameters, asset),
    revaluer: (portfolio, markets, market, p) => standardRevaluer(portfolio, markets, market, p, addOnsOf(p)),
  };
}

/** `standard` 1.0.0: per-leg margin of perps, futures, options and spot collateral with the predictive buffer. */
export const standardModule: RiskModule<StandardParameters> = standard(
  '1.0.0',
  'Per-leg margin scaled by forecast volatility',
  standardSchema,
  () => null,
);

/** `standard` 1.1.0: the same with liquidity, concentration and basis add-ons. */
export const standardModuleV11: RiskModule<StandardWithAddOns> = standard(
  '1.1.0',
  'Per-leg margin scaled by forecast volatility, with liquidity, concentration and basis add-ons',
  standardWithAddOnsSchema,
  (p) => p.addOns,
);
