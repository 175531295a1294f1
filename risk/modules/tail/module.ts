import type { z } from 'zod';
import type { MarketSnapshot } from '../../market/market-data.ts';
import type { AnyPortfolio } from '../../portfolio/portfolio.ts';
import { blackPrice } from '../../pricing/black76.ts';
import { wadToFloat } from '../../units/wad.ts';
import { addRevalued } from '../addons/revalue.ts';
import { bookAssets } from '../book/book.ts';
import { constantOf, exposureOf } from '../book/derivative.ts';
import { oracleRate } from '../book/rates.ts';
import { fundingRevaluer } from '../funding/lines.ts';
import type { AnyMarket, Revaluer, RiskModule } from '../module.ts';
import { parameterMembers } from '../parameter-schema.ts';
import { requirementsOf } from '../requirements.ts';
import { addSettled } from '../settled/lines.ts';
import { calculateTail, movedPositions, tailBook, tailCharges } from './calculate.ts';
import { depegCharges, NO_EXTRAS, type TailExtras } from './extras.ts';
import {
  type TailParameters,
  type TailWithAddOns,
  type TailWithFunding,
  tailAssetOf,
  tailSchema,
  tailWithAddOnsSchema,
  tailWithFundingSchema,
} from './parameters.ts';
import { tailRequirement } from './shortfall.ts';

function tailRevaluer(
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  p: TailParameters,
  extras: TailExtras,
): Revaluer {
  const { book, samples } = tailBook(portfolio, markets, market, p, extras);
  const assets = bookAssets(book);
  const addFunding = extras.funding === null ? null : fundingRevaluer(book, market, extras.funding);
  return {
    assets,
    evaluate: (scale, _initialFactor, _maintenanceFactor, out) => {
      const scaleOf = (asset: string) => scale[assets.indexOf(asset)]!;
      out.equity = wadToFloat(portfolio.cashWad);
      out.initialRequirement = 0;
      out.maintenanceRequirement = 0;
      for (const group of book.perps) {
        const moved = scaleOf(group.market.asset);
        for (const each of group.positions)
          out.equity += constantOf(group, each) + exposureOf(group, each) * moved;
      }
      for (const { forward, tau, legs, asset } of book.options) {
        for (const leg of legs) {
          out.equity +=
            leg.size * blackPrice(forward * scaleOf(asset), leg.strike, tau, leg.volatility, 1, leg.isCall);
        }
      }
      for (const { position, price, market: definition } of book.collateral) {
        const value = wadToFloat(position.amountWad) * wadToFloat(price.priceWad) * scaleOf(definition.asset);
        const { haircut } = tailAssetOf(p, definition.asset);
        const oracle = wadToFloat(oracleRate(price.confidenceScore, p.oracleContingency));
        out.equity += value;
        out.initialRequirement += value * (haircut + Math.min(oracle, 1 - haircut));
        out.maintenanceRequirement += value * haircut;
      }
      for (const { position, price, market: definition } of book.loans) {
        const value = wadToFloat(position.amountWad) * wadToFloat(price.priceWad) * scaleOf(definition.asset);
        const { haircut } = tailAssetOf(p, definition.asset);
        const oracle = wadToFloat(oracleRate(price.confidenceScore, p.oracleContingency));
        out.equity -= value;
        out.initialRequirement += value * (haircut + oracle);
        out.maintenanceRequirement += value * haircut;
      }
      const required = tailRequirement(movedPositions(book, scaleOf), samples, p);
      for (const each of required.initial) out.initialRequirement += each;
      for (const each of required.maintenance) out.maintenanceRequirement += each;
      for (const { liquidity, oracle } of tailCharges(book, p, scaleOf)) {
        out.initialRequirement += liquidity + oracle;
        out.maintenanceRequirement += liquidity;
      }
      for (const { amount } of depegCharges(book, market, extras, scaleOf)) out.initialRequirement += amount;
      if (extras.addOns !== null) addRevalued(book, market, extras.addOns, scaleOf, out);
      if (book.settled.length > 0) addSettled(book, scaleOf, out);
      addFunding?.(scaleOf, out);
    },
  };
}

function tail<P extends TailParameters>(
  version: string,
  title: string,
  schema: z.ZodType<P>,
  extrasOf: (parameters: P) => TailExtras,
  venueTerms?: RiskModule<P>['venueTerms'],
): RiskModule<P> {
  return {
    id: 'tail',
    version,
    title,
    ...parameterMembers(schema),
    requirements: (portfolio, markets, p) => {
      const { horizonHours } = p;
      const feedId = extrasOf(p).depeg?.feedId ?? null;
      const base = requirementsOf(portfolio, markets, () => null, feedId === null ? [] : [feedId]);
      const assets = new Set<string>();
      for (const position of portfolio.positions) {
        const asset = position.kind === 'collateral' ? position.asset : markets.get(position.market)?.asset;
        if (asset !== undefined && !tailAssetOf(p, asset).constant) assets.add(asset);
      }
      const sorted = [...assets].sort();
      return {
        ...base,
        volatility: sorted.map((asset) => ({ asset, horizonHours })),
        history: { assets: sorted, horizonHours, quantile: p.quantile },
      };
    },
    calculate: (portfolio, markets, market, p) => calculateTail(portfolio, markets, market, p, extrasOf(p)),
    ...(venueTerms && { venueTerms }),
    bufferParameters: () => null,
    revaluer: (portfolio, markets, market, p) => tailRevaluer(portfolio, markets, market, p, extrasOf(p)),
  };
}

/** `tail` 1.0.0: expected shortfall by filtered historical simulation; the forecast drives it, so there is no buffer. */
export const tailModule: RiskModule<TailParameters> = tail(
  '1.0.0',
  'Expected shortfall by filtered historical simulation',
  tailSchema,
  () => NO_EXTRAS,
);

/** `tail` 1.1.0: the same with concentration, basis and depeg charges as lines of their own. */
export const tailModuleV11: RiskModule<TailWithAddOns> = tail(
  '1.1.0',
  'Expected shortfall by filtered historical simulation, with concentration, basis and depeg charges',
  tailWithAddOnsSchema,
  ({ addOns, depeg }) => ({ addOns, depeg, funding: null }),
);

/** `tail` 1.2.0: the same with funding by the venue's rate, and settlement prices. */
export const tailModuleV12: RiskModule<TailWithFunding> = tail(
  '1.2.0',
  'Expected shortfall by filtered historical simulation, with charges, funding and settlement prices of the venue',
  tailWithFundingSchema,
  ({ addOns, depeg, funding }) => ({ addOns, depeg, funding }),
  ({ funding }) => funding,
);
