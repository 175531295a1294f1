import type { z } from 'zod';
import type { RiskModule } from '../module.ts';
import { parameterMembers } from '../parameter-schema.ts';
import { requirementsOf } from '../requirements.ts';
import { calculateScenario, type TermsAt } from './calculate.ts';
import { NO_EXTRAS, type ScenarioExtras } from './extras.ts';
import {
  type ScenarioCommon,
  type ScenarioModuleV1Parameters,
  type ScenarioModuleV2Parameters,
  type ScenarioModuleV21Parameters,
  type ScenarioModuleV22Parameters,
  scenarioBufferOf,
  scenarioModuleV1Schema,
  scenarioModuleV2Schema,
  scenarioModuleV21Schema,
  scenarioModuleV22Schema,
} from './module-parameters.ts';
import { scenarioRevaluer } from './revaluer.ts';
import { termsV1, termsV2, termsV21 } from './terms.ts';

function scenarioModule<P extends ScenarioCommon>(
  version: string,
  title: string,
  schema: z.ZodType<P>,
  termsAt: TermsAt<P>,
  extrasOf: (parameters: P) => ScenarioExtras = () => NO_EXTRAS,
  venueTerms?: RiskModule<P>['venueTerms'],
): RiskModule<P> {
  return {
    id: 'scenario',
    version,
    title,
    ...parameterMembers(schema),
    requirements: (portfolio, markets, p) =>
      requirementsOf(
        portfolio,
        markets,
        (asset) => scenarioBufferOf(p, asset),
        p.stableFeedId === null ? [] : [p.stableFeedId],
      ),
    calculate: (portfolio, markets, market, p) =>
      calculateScenario(portfolio, markets, market, p, termsAt, extrasOf(p)),
    ...(venueTerms && { venueTerms }),
    bufferParameters: (asset, p) => scenarioBufferOf(p, asset),
    revaluer: (portfolio, markets, market, p) =>
      scenarioRevaluer(portfolio, markets, market, p, termsAt, extrasOf(p)),
  };
}

/** `scenario` 1.0.0: shock grid with static charges, the first generation of Derive's portfolio margin. */
export const scenarioModuleV1: RiskModule<ScenarioModuleV1Parameters> = scenarioModule(
  '1.0.0',
  'Portfolio margin on a shock grid (first generation)',
  scenarioModuleV1Schema,
  (p, stablePrice) => termsV1(p.grid, stablePrice),
);

/** `scenario` 2.0.0: shock grid with tails, skew shocks and rate-dependent discounts. */
export const scenarioModuleV2: RiskModule<ScenarioModuleV2Parameters> = scenarioModule(
  '2.0.0',
  'Portfolio margin on a shock grid with tails and skew',
  scenarioModuleV2Schema,
  (p, stablePrice) => termsV2(p.grid, stablePrice),
);

/** `scenario` 2.1.0: 2.0.0 with an offset between correlated underlyings and add-ons as lines of their own. */
export const scenarioModuleV21: RiskModule<ScenarioModuleV21Parameters> = scenarioModule(
  '2.1.0',
  'Portfolio margin on a shock grid with offsets between underlyings and add-ons',
  scenarioModuleV21Schema,
  (p, stablePrice) => termsV21(p.grid, stablePrice),
  (p) => ({ addOns: p.addOns, classes: p.offset.classes, funding: null }),
);

/** `scenario` 2.2.0: 2.1.0 with funding by the venue's rate, and settlement prices. */
export const scenarioModuleV22: RiskModule<ScenarioModuleV22Parameters> = scenarioModule(
  '2.2.0',
  'Portfolio margin on a shock grid with offsets, add-ons, funding and settlement prices of the venue',
  scenarioModuleV22Schema,
  (p, stablePrice) => termsV21(p.grid, stablePrice),
  (p) => ({ addOns: p.addOns, classes: p.offset.classes, funding: p.funding }),
  ({ funding }) => funding,
);
