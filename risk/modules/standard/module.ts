import { z } from 'zod';
import type { AnyPortfolio } from '../../portfolio/portfolio.ts';
import { parseInput } from '../../units/parse.ts';
import { collateralMarket } from '../inputs.ts';
import type { AnyMarket, Requirements, RiskModule } from '../module.ts';
import { calculateStandard } from './calculate.ts';
import { bufferOf, type StandardParameters, standardSchema } from './parameters.ts';
import { standardRevaluer } from './revaluer.ts';

/** What the account touches: the feeds that mark it, and a forecast for every buffered asset. */
function requirementsOf(
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  p: StandardParameters,
): Requirements {
  const feeds = new Set<string>();
  const volatility = new Map<string, { asset: string; horizonHours: number }>();
  for (const position of portfolio.positions) {
    const market =
      position.kind === 'collateral'
        ? collateralMarket(markets, position.asset)
        : markets.get(position.market);
    if (!market) continue;
    feeds.add(market.feedId);
    if (market.kind === 'perp' && market.indexFeedId !== undefined) feeds.add(market.indexFeedId);
    const buffer = bufferOf(p, market.asset);
    if (buffer) volatility.set(market.asset, { asset: market.asset, horizonHours: buffer.horizonHours });
  }
  if (p.depeg.feedId !== null) feeds.add(p.depeg.feedId);
  return {
    feeds: [...feeds].sort(),
    volatility: [...volatility.values()].sort((a, b) => (a.asset < b.asset ? -1 : 1)),
  };
}

/** `standard` 1.0.0: per-leg margin of perps, options and spot collateral with the predictive buffer. */
export const standardModule: RiskModule<StandardParameters> = {
  id: 'standard',
  version: '1.0.0',
  title: 'Per-leg margin scaled by forecast volatility',
  parametersJsonSchema: z.toJSONSchema(standardSchema, { io: 'input' }),
  defaultParameters: standardSchema.parse({}),
  parseParameters: (input) => parseInput(standardSchema, input),
  requirements: requirementsOf,
  calculate: calculateStandard,
  bufferParameters: (asset, parameters) => bufferOf(parameters, asset),
  revaluer: standardRevaluer,
};
