import type { MarketDefinition } from '../../risk/modules/module.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import { ceilDiv, WAD, type Wad } from '../../risk/units/wad.ts';
import type { MarginUnder } from './impact.ts';
import type { PinnedModel } from './pinned-model.ts';
import type { RatesView } from './port.ts';

/** One unit of a market, bought at the mark. */
function unitOf(market: MarketDefinition, priceWad: Wad): AnyPortfolio {
  const common = { id: 'unit', chain: null };
  const position =
    market.kind === 'collateral'
      ? { ...common, kind: 'collateral' as const, asset: market.asset, amountWad: WAD }
      : {
          ...common,
          kind: 'perp' as const,
          market: market.id,
          sizeWad: WAD,
          entryPriceWad: priceWad,
          unsettledFundingWad: 0n,
        };
  return { accountId: 'unit', cashWad: 0n, positions: [position] };
}

/**
 * Requirements of one unit at the mark over its value, rounded up: the rates in force, whatever the module's formula.
 * null while the unit cannot be valued.
 */
export async function ratesOf(options: {
  readonly protocol: string;
  readonly market: MarketDefinition;
  readonly model: PinnedModel;
  readonly priceWad: Wad;
  readonly asOfMs: number;
  readonly margin: MarginUnder;
}): Promise<RatesView | null> {
  const { protocol, market, model, priceWad, asOfMs, margin } = options;
  // A unit of what settles in coin, or on a day, is worth something else than its mark.
  if (priceWad <= 0n || market.settlement === 'coin') return null;
  if (market.kind !== 'perp' && market.kind !== 'collateral') return null;
  const result = await margin(protocol, unitOf(market, priceWad), model);
  if (result.failures.length > 0) return null;
  const share = (amount: Wad) => ceilDiv(amount * WAD, priceWad);
  return {
    asOfMs,
    priceWad,
    initialWad: share(result.initialRequirementWad),
    maintenanceWad: share(result.maintenanceRequirementWad),
    buffers: result.buffers,
  };
}
