import { QUOTE_ASSET } from './assets.ts';
import type { RiskLine } from './types.ts';

const WAD = 10n ** 18n;
const percent = (share: bigint) => (share * WAD) / 100n;

/** Rates of every perpetual and haircuts of every collateral: parameters that a forecast moves. */
export function defaultRiskLines(assets: readonly string[]): readonly RiskLine[] {
  const perps = assets
    .filter((asset) => asset !== QUOTE_ASSET)
    .flatMap((asset): RiskLine[] => [
      {
        market: `${asset}-PERP`,
        updateType: 'initialMarginRate',
        min: percent(1n),
        max: WAD,
        gatewayMin: percent(2n),
        gatewayMax: percent(50n),
        initial: percent(10n),
      },
      {
        market: `${asset}-PERP`,
        updateType: 'maintenanceMarginRate',
        min: percent(1n) / 2n,
        max: WAD,
        gatewayMin: percent(1n),
        gatewayMax: percent(40n),
        initial: percent(5n),
      },
    ]);
  const haircuts = assets.map((asset) => ({
    market: `${asset}-USD`,
    updateType: 'collateralHaircut',
    min: 0n,
    max: WAD,
    gatewayMin: 0n,
    gatewayMax: percent(60n),
    initial: asset === QUOTE_ASSET ? 0n : percent(10n),
  }));
  return [...perps, ...haircuts];
}
