import { ForecastStore } from '../../gateway/engine/forecast-store.ts';
import { Listing } from '../../gateway/engine/instruments.ts';
import { MarginService } from '../../gateway/engine/margin-service.ts';
import { findModule } from '../../risk/modules/registry.ts';
import { wadFromDecimal } from '../../risk/units/wad.ts';
import { forecastOf, MARKETS, robustPrice, SERIES } from '../../test/gateway/support/market.ts';
import { AT_MS, EXPIRIES, STRIKES } from './books.ts';

const MODULE = { id: 'scenario', version: '2.1.0' };
export const MODULE_NAME = `${MODULE.id} ${MODULE.version}`;

/** The margin service of a worker over a market that stands still: no oracle takes processor time from the sweep. */
export function benchMargin(): MarginService {
  const prices = new Map(
    Object.entries({ 'BTC-USD': '60000', 'ETH-USD': '3000', 'USDC-USD': '1' }).map(([id, price]) => [
      id,
      robustPrice(id, price, AT_MS),
    ]),
  );
  const store = new ForecastStore();
  for (const asset of ['BTC', 'ETH']) {
    store.setForecasts(
      asset,
      ([1, 4, 24] as const).map((hours) => forecastOf(asset, hours)),
    );
  }
  const points = STRIKES.map((strike) => ({ strikeWad: wadFromDecimal(String(strike)), volatility: 0.6 }));
  const expiries = EXPIRIES.map((expiryMs) => ({
    expiryMs,
    forwardWad: wadFromDecimal('60000'),
    settlementWad: null,
    rate: 0.04,
    smile: { kind: 'grid' as const, points },
    confidence: { forward: 1, rate: 1, volatility: 1 },
  }));
  const data = { expiries, fundingRate: null, openInterestWad: null, depth: null, settlementWad: null };
  return new MarginService({
    configuration: {
      listing: new Listing(MARKETS, SERIES),
      model: (ref) => {
        const module = findModule((ref ?? MODULE).id, (ref ?? MODULE).version);
        return { module, parameters: module.defaultParameters, parametersHash: 'of the bench' };
      },
    },
    prices: { feedIds: [...prices.keys()], price: (id) => prices.get(id)! },
    store,
    venues: {
      get: (protocol, market) =>
        market === 'BTC-OPTIONS'
          ? { protocol, market, sequence: 1n, asOfMs: AT_MS, maxAgeMs: 300_000, data }
          : null,
    },
    history: () => null,
    clock: { nowMs: () => AT_MS },
    validForMs: 10_000,
  });
}
