import { ceilDiv, floorDiv, WAD, type Wad } from '../units/wad.ts';

/**
 * Base size of a perp to close so that a margin shortage is covered: shortage / (price x (margin ratio - fees)). Every
 * unit closed frees its margin and costs its fees. null when fees eat what closing frees: no size covers. Rounds
 * down to the last wad like the venue whose figures it reproduces; `ceil` rounds up, which always covers.
 */
export function baseToCover(
  shortageWad: Wad,
  priceWad: Wad,
  marginRatioWad: Wad,
  feesWad: Wad,
  rounding: 'floor' | 'ceil' = 'ceil',
): Wad | null {
  const freed = marginRatioWad - feesWad;
  if (freed <= 0n || priceWad <= 0n) return null;
  const divide = rounding === 'ceil' ? ceilDiv : floorDiv;
  return divide(shortageWad * WAD * WAD, priceWad * freed);
}

/**
 * Amount of a borrowed asset to repay from collateral so that a shortage is covered: each unit repaid frees its
 * liability weight less the insurance fee, and costs the collateral's weight times what the liquidator gets for it.
 * null when repaying costs more margin than it frees.
 */
export function liabilityToCover(input: {
  readonly shortageWad: Wad;
  readonly liabilityPriceWad: Wad;
  readonly liabilityWeightWad: Wad;
  readonly insuranceFeeWad: Wad;
  /** Asset weight x asset multiplier / liability multiplier. */
  readonly assetWeightPerLiabilityWad: Wad;
}): Wad | null {
  const freed =
    floorDiv(input.liabilityWeightWad * (WAD - input.insuranceFeeWad), WAD) -
    input.assetWeightPerLiabilityWad;
  if (freed <= 0n || input.assetWeightPerLiabilityWad >= input.liabilityWeightWad) return null;
  return floorDiv(input.shortageWad * WAD * WAD, input.liabilityPriceWad * freed);
}

/**
 * Liability that an amount of collateral pays for, the liquidator's discount (multipliers) on both sides; rounded up, so that
 * the liquidator repays all of it.
 */
export function liabilityPaidBy(
  assetAmountWad: Wad,
  assetPriceWad: Wad,
  assetMultiplierWad: Wad,
  liabilityPriceWad: Wad,
  liabilityMultiplierWad: Wad,
): Wad {
  return ceilDiv(
    assetAmountWad * assetPriceWad * liabilityMultiplierWad,
    liabilityPriceWad * assetMultiplierWad,
  );
}

/** Collateral that the liquidator takes for repaying a liability; never more than there is. */
export function assetTakenFor(
  liabilityAmountWad: Wad,
  liabilityPriceWad: Wad,
  liabilityMultiplierWad: Wad,
  assetPriceWad: Wad,
  assetMultiplierWad: Wad,
  availableWad: Wad,
): Wad {
  const wanted = floorDiv(
    liabilityAmountWad * liabilityPriceWad * assetMultiplierWad,
    assetPriceWad * liabilityMultiplierWad,
  );
  return wanted < availableWad ? wanted : availableWad;
}

/** Share of the room between margin and costs that the insurance fund takes from a perp close. */
const PERP_INSURANCE_SHARE: Wad = (WAD * 95n) / 100n;

/** Insurance fee of a perp liquidation: 95 % of the margin ratio left over, at most `maximumWad`. */
export function perpInsuranceFee(
  shortageWad: Wad,
  notionalWad: Wad,
  marginRatioWad: Wad,
  liquidatorFeeWad: Wad,
  maximumWad: Wad,
): Wad {
  const room = marginRatioWad - liquidatorFeeWad - ceilDiv(shortageWad * WAD, notionalWad);
  if (room <= 0n) return 0n;
  const fee = floorDiv(room * PERP_INSURANCE_SHARE, WAD);
  return fee < maximumWad ? fee : maximumWad;
}

/** Insurance fee of a loan liquidation: what full repayment leaves over the shortage, at most `maximumWad`. */
export function spotInsuranceFee(
  shortageWad: Wad,
  liabilityValueWad: Wad,
  liabilityWeightWad: Wad,
  assetWeightPerLiabilityWad: Wad,
  maximumWad: Wad,
): Wad {
  const needed = ceilDiv(shortageWad * WAD, liabilityValueWad) + assetWeightPerLiabilityWad;
  const fee = WAD - ceilDiv(needed * WAD, liabilityWeightWad);
  if (fee <= 0n) return 0n;
  return fee < maximumWad ? fee : maximumWad;
}
