import type { z } from 'zod';
import type { RiskModule } from '../module.ts';
import { parameterMembers } from '../parameter-schema.ts';
import { requirementsOf } from '../requirements.ts';
import { calculateStandard } from './calculate.ts';
import { NO_EXTRAS, type StandardExtras } from './extras.ts';
import {
  bufferOf,
  type StandardParameters,
  type StandardWithAddOns,
  type StandardWithFunding,
  standardSchema,
  standardWithAddOnsSchema,
  standardWithFundingSchema,
} from './parameters.ts';
import { standardRevaluer } from './revaluer.ts';

function standard<P extends StandardParameters>(
  version: string,
  title: string,
  schema: z.ZodType<P>,
  extrasOf: (parameters: P) => StandardExtras,
  venueTerms?: RiskModule<P>['venueTerms'],
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
      calculateStandard(portfolio, markets, market, p, extrasOf(p)),
    ...(venueTerms && { venueTerms }),
    bufferParameters: (asset, parameters) => bufferOf(parameters, asset),
    revaluer: (portfolio, markets, market, p) => standardRevaluer(portfolio, markets, market, p, extrasOf(p)),
  };
}

/** `standard` 1.0.0: per-leg margin of perps, futures, options and spot collateral with the predictive buffer. */
export const standardModule: RiskModule<StandardParameters> = standard(
  '1.0.0',
  'Per-leg margin scaled by forecast volatility',
  standardSchema,
  () => NO_EXTRAS,
);

/** `standard` 1.1.0: the same with liquidity, concentration and basis add-ons. */
export const standardModuleV11: RiskModule<StandardWithAddOns> = standard(
  '1.1.0',
  'Per-leg margin scaled by forecast volatility, with liquidity, concentration and basis add-ons',
  standardWithAddOnsSchema,
  ({ addOns }) => ({ addOns, funding: null }),
);

/** `standard` 1.2.0: the same with funding by the venue's rate, and settlement prices. */
export const standardModuleV12: RiskModule<StandardWithFunding> = standard(
  '1.2.0',
  'Per-leg margin scaled by forecast volatility, with add-ons, funding and settlement prices of the venue',
  standardWithFundingSchema,
  ({ addOns, funding }) => ({ addOns, funding }),
  ({ funding }) => funding,
);
