import type { MarketPrice, MarketSnapshot } from '../../../risk/market/market-data.ts';
import type { OptionExpiryData } from '../../../risk/market/option-data.ts';
import type { AnyMarket } from '../../../risk/modules/module.ts';
import { standardModule } from '../../../risk/modules/standard/module.ts';
import type { AnyPosition } from '../../../risk/portfolio/portfolio.ts';
import { mulWadDown, WAD, wadToFloat } from '../../../risk/units/wad.ts';
import { Tally } from '../check.ts';
import { namedCases, readJson } from '../files.ts';

type Numbers = readonly number[];
interface Scenario {
  readonly OptionUnderlying: readonly string[];
  readonly OptionExpiries: Numbers;
  readonly OptionStrikes: Numbers;
  readonly OptionIsCall: Numbers;
  readonly OptionAmounts: Numbers;
  readonly OptionVols: Numbers;
  readonly OptionVolConfidences: Numbers;
  readonly Forwards: Numbers;
  readonly ForwardConfidences: Numbers;
  readonly SpotPerpConfidences: readonly Numbers[];
  readonly PerpPrice: Numbers;
  readonly [name: string]: unknown;
}
interface Case {
  readonly Scenario: Scenario;
  readonly Result: Readonly<Record<'realIM' | 'realMM' | 'PortfolioMtM', number>>;
}
interface Params {
  readonly option: Readonly<Record<string, number>>;
  readonly perp: { readonly mm: number; readonly im: number };
  readonly oracleContingency: { readonly threshold: number; readonly factor: number };
  readonly depeg: { readonly threshold: number; readonly factor: number };
  readonly baseMarginFactor: { readonly testCases: number };
  readonly baseIMScale: number;
}

const NOW = 1_700_000_000_000;
const ASSETS = ['ETH', 'BTC'] as const;
const FINE = { usable: true, reasons: [] };
const wad = (value: unknown) => BigInt(Number(value ?? 0));
const float = (value: number) => value / 1e18;

function priceOf(feedId: string, value: unknown, confidenceScore: number): [string, MarketPrice] {
  const verdicts = { open: FINE, margin: FINE, liquidate: FINE };
  return [
    feedId,
    { feedId, priceWad: wad(value), confidenceWad: 0n, confidenceScore, publishTimeMs: NOW, verdicts },
  ];
}

function parametersOf(given: Params) {
  const { option: o } = given;
  const haircut = (factor: number) => Number((1 - factor).toFixed(12));
  return standardModule.parseParameters({
    perp: { initial: given.perp.im, maintenance: given.perp.mm },
    collateral: {
      initialHaircut: haircut(given.baseMarginFactor.testCases * given.baseIMScale),
      maintenanceHaircut: haircut(given.baseMarginFactor.testCases),
    },
    option: {
      maxSpot: o.maxSpotReq,
      minSpot: o.minSpotReq,
      maintenanceCall: o.mmCallSpotReq,
      maintenancePut: o.mmPutSpotReq,
      maintenancePutOfPremium: o.MMPutMtMReq,
      putOffset: o.mmOffsetScale,
      unpairedInitial: o.unpairedIMScale,
      unpairedMaintenance: o.unpairedMMScale,
    },
    oracleContingency: given.oracleContingency,
    depeg: { feedId: 'USDC-USD', ...given.depeg },
    capCollateralCharges: false,
    buffered: false,
    assets: { ETH: {}, BTC: {} },
  });
}

function accountOf(s: Scenario) {
  const markets = new Map<string, AnyMarket>();
  const positions: AnyPosition[] = [];
  const prices = new Map([priceOf('USDC-USD', s.USDCValue, 1)]);
  const expiries = new Map(ASSETS.map((asset) => [asset as string, new Map<number, OptionExpiryData>()]));
  ASSETS.forEach((asset, i) => {
    const [spotConfidence, perpConfidence] = s.SpotPerpConfidences[i]!.map(float) as [number, number];
    const feedId = `${asset}-USD`;
    prices.set(...priceOf(feedId, s[`${asset}SpotPrice`], spotConfidence));
    prices.set(...priceOf(`${asset}-PERP`, s.PerpPrice[i], perpConfidence));
    markets.set(`${asset}-PERP`, {
      id: `${asset}-PERP`,
      kind: 'perp',
      asset,
      feedId: `${asset}-PERP`,
      indexFeedId: feedId,
    });
    markets.set(asset, { id: asset, kind: 'collateral', asset, feedId });
    const sizeWad = wad(s[`Perps_${asset}`]);
    const fundingPerUnit = wad(s[`Account${asset}FundingIndex`]) - wad(s[`${asset}GlobalFundingIndex`]);
    if (sizeWad !== 0n) {
      positions.push({
        kind: 'perp',
        id: `perp-${asset}`,
        market: `${asset}-PERP`,
        sizeWad,
        entryPriceWad: wad(s[`LastEntry${asset}`]),
        unsettledFundingWad: mulWadDown(sizeWad, fundingPerUnit),
        chain: null,
      });
    }
    const amountWad = wad(s[`w${asset}`]);
    if (amountWad !== 0n)
      positions.push({ kind: 'collateral', id: `base-${asset}`, asset, amountWad, chain: null });
  });
  s.OptionExpiries.forEach((seconds, i) => {
    const asset = s.OptionUnderlying[i]!;
    const expiryMs = NOW + seconds * 1000;
    const strike = s.OptionStrikes[i]!;
    const id = `${asset}-${seconds}-${strike}-${s.OptionIsCall[i] ? 'C' : 'P'}`;
    markets.set(id, {
      id,
      kind: 'option',
      asset,
      feedId: `${asset}-USD`,
      strikeWad: wad(strike),
      expiryMs,
      isCall: s.OptionIsCall[i] === 1,
    });
    positions.push({
      kind: 'option',
      id: `option-${i}`,
      market: id,
      sizeWad: wad(s.OptionAmounts[i]),
      chain: null,
    });
    const known = expiries.get(asset)!.get(expiryMs);
    expiries.get(asset)!.set(expiryMs, {
      asOfMs: NOW,
      forward: float(s.Forwards[i]!),
      settlementForward: float(Number(s[`SettlementPrice${asset}`])),
      rate: 0,
      smile: [
        ...(known?.smile ?? []),
        { strike: wadToFloat(wad(strike)), volatility: float(s.OptionVols[i]!) },
      ].sort((a, b) => a.strike - b.strike),
      forwardConfidence: float(s.ForwardConfidences[i]!),
      rateConfidence: 1,
      volatilityConfidence: float(s.OptionVolConfidences[i]!),
    });
  });
  const market: MarketSnapshot = { asOfMs: NOW, prices, volatility: new Map(), options: expiries };
  return { portfolio: { accountId: 'vector', cashWad: wad(s.Cash), positions }, markets, market };
}

/** Net IM and MM and the value of the book within 1e-12 relative, absolute 1e-9 (the README's script: 1.4e-14). */
export function run(dir: string) {
  const tally = new Tally('derive-srm', { relative: 1e-12, absolute: 1e-9 });
  const parameters = parametersOf(readJson<Params>(dir, 'params.json'));
  const cases = namedCases<Case>(dir, 'Scenario.FeedExpiries', 'Result.realIM', 'Result.realMM');
  for (const [name, { Scenario: scenario, Result: expected }] of cases) {
    tally.case(name, (near) => {
      const { portfolio, markets, market } = accountOf(scenario);
      const result = standardModule.calculate(portfolio, markets, market, parameters);
      if (result.failures.length > 0) throw new Error(result.failures[0]!.reason.message);
      near('IM', Number(result.netInitialWad) / Number(WAD), float(expected.realIM));
      near('MM', Number(result.netMaintenanceWad) / Number(WAD), float(expected.realMM));
      near('value', Number(result.equityWad - portfolio.cashWad) / Number(WAD), float(expected.PortfolioMtM));
    });
  }
  return tally.result();
}
