import { z } from 'zod';
import { parseInput } from '../../units/parse.ts';
import type { RiskModule } from '../module.ts';
import { requirementsOf } from '../requirements.ts';
import { calculateScenario, type TermsAt } from './calculate.ts';
import {
  type ScenarioCommon,
  type ScenarioModuleV1Parameters,
  type ScenarioModuleV2Parameters,
  scenarioBufferOf,
  scenarioModuleV1Schema,
  scenarioModuleV2Schema,
} from './module-parameters.ts';
import { scenarioRevaluer } from './revaluer.ts';
import { termsV1, termsV2 } from './terms.ts';

function scenarioModule<P extends ScenarioCommon>(
  version: string,
  title: string,
  schema: z.ZodType<P>,
  termsAt: TermsAt<P>,
): RiskModule<P> {
  return {
    id: 'scenario',
    version,
    title,
    parametersJsonSchema: z.toJSONSchema(schema, { io: 'input' }),
    defaultParameters: schema.parse({}),
    parseParameters: (input) => parseInput(schema, input),
    requirements: (portfolio, markets, p) =>
      requirementsOf(
        portfolio,
        markets,
        (asset) => scenarioBufferOf(p, asset),
        p.stableFeedId === null ? [] : [p.stableFeedId],
      ),
    calculate: (portfolio, markets, market, p) => calculateScenario(portfolio, markets, market, p, termsAt),
    bufferParameters: (asset, p) => scenarioBufferOf(p, asset),
    revaluer: (portfolio, markets, market, p) => scenarioRevaluer(portfolio, markets, market, p, termsAt),
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
