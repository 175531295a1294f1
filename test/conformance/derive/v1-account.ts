import type { ScenarioAccount, ScenarioExpiry } from '../../../risk/modules/scenario/account.ts';
import { type ScenarioV1Parameters, scenarioV1Schema } from '../../../risk/modules/scenario/parameters.ts';
import { SECONDS_PER_YEAR } from '../../../risk/units/time.ts';

type Numbers = readonly number[];
type Group = Readonly<Record<string, number>>;

/** A portfolio with its feeds as Derive's version 1 files write it, 1e18 fixed point. */
export interface V1Portfolio {
  readonly OptionExpiries: Numbers;
  readonly OptionStrikes: Numbers;
  readonly OptionIsCall: Numbers;
  readonly OptionAmounts: Numbers;
  readonly OptionVols: Numbers;
  readonly OptionVolConfidences: Numbers;
  readonly ForwardsFixed: Numbers;
  readonly ForwardsVariable: Numbers;
  readonly ForwardConfidences: Numbers;
  readonly Rates: Numbers;
  readonly RateConfidences: Numbers;
  readonly Cash: number;
  readonly Perps: number;
  readonly Base: number;
  readonly SpotPrice: number;
  readonly SpotConfidence: number;
  readonly PerpPrice: number;
  readonly PerpConfidence: number;
  readonly StablePrice: number;
  readonly UnrealisedPerpPNL: number;
  readonly UnrealisedFunding: number;
}

/** Parameters as the files write them, plain decimals. */
export interface V1Parameters {
  readonly spotShocks: Numbers;
  readonly volShocks: readonly string[];
  readonly basis: Group;
  readonly other: Group;
  readonly margin: Group;
  readonly vol: Group;
}

export function v1Parameters(given: V1Parameters): ScenarioV1Parameters {
  const { basis, other, margin, vol } = given;
  return scenarioV1Schema.parse({
    scenarios: given.spotShocks.flatMap((spot) =>
      given.volShocks.map((shock) => ({ spot, volatility: shock.toLowerCase() })),
    ),
    volShock: {
      up: vol.up,
      down: vol.down,
      minimumUp: 0,
      shortTermPower: vol.shortPower,
      longTermPower: vol.longPower,
      floorDays: vol.dteFloorDays,
    },
    forwardLoss: { spotUp: basis.up, spotDown: basis.down, add: basis.add, multiple: basis.mult },
    peg: { threshold: other.pegLossThreshold, factor: other.pegLossFactor },
    confidence: { threshold: other.confThreshold, factor: other.confMargin },
    initialLossFactor: margin.imFactor,
    staticDiscount: margin.baseStaticDiscount,
    rateMultiple: margin.rateMultScale,
    rateAdd: margin.rateAddScale,
    basePercent: other.basePercent,
    perpPercent: other.perpPercent,
    optionPercent: other.optionPercent,
  });
}

/** The account at `timeSeconds`; expiries in the file count from second 0. */
export function v1Account(s: V1Portfolio, timeSeconds = 0): ScenarioAccount {
  const float = (value: number | undefined) => (value ?? 0) / 1e18;
  const expiries = new Map<number, ScenarioExpiry & { legs: ScenarioExpiry['legs'][number][] }>();
  s.OptionExpiries.forEach((seconds, i) => {
    const expiry = expiries.get(seconds) ?? {
      tau: (seconds - timeSeconds) / SECONDS_PER_YEAR,
      forwardFixed: float(s.ForwardsFixed[i]),
      forwardVariable: float(s.ForwardsVariable[i]),
      rate: float(s.Rates[i]),
      forwardConfidence: float(s.ForwardConfidences[i]),
      rateConfidence: float(s.RateConfidences[i]),
      volatilityConfidence: float(s.OptionVolConfidences[i]),
      legs: [],
    };
    expiries.set(seconds, expiry);
    expiry.legs.push({
      strike: float(s.OptionStrikes[i]),
      isCall: s.OptionIsCall[i] === 1,
      amount: float(s.OptionAmounts[i]),
      volatility: float(s.OptionVols[i]),
    });
  });
  const spot = float(s.SpotPrice);
  const base = float(s.Base) * spot;
  return {
    cash: float(s.Cash),
    spot,
    spotConfidence: float(s.SpotConfidence),
    perps: float(s.Perps),
    perpPrice: float(s.PerpPrice),
    perpConfidence: float(s.PerpConfidence),
    unrealisedPnl: float(s.UnrealisedPerpPNL),
    unsettledFunding: float(s.UnrealisedFunding),
    stablePrice: float(s.StablePrice),
    collateral:
      base === 0
        ? []
        : [
            {
              id: 'base',
              value: base,
              riskCancelling: true,
              maintenanceHaircut: 0,
              initialHaircut: 0,
              confidence: 1,
            },
          ],
    expiries: [...expiries.values()],
  };
}
