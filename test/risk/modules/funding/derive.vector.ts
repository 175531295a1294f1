import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { standardModuleV12 } from '../../../../risk/modules/standard/module.ts';
import { wadFromDecimal, wadToDecimal } from '../../../../risk/units/wad.ts';
import { MARKETS, NOW, perp, price, snapshot, withPrice } from '../../fixtures.ts';
import { book } from '../instrument-fixtures.ts';
import { HOUR, rate } from './fixtures.ts';

const FILE = new URL('../../../../../shared/vectors/derive-srm/test-cases.json', import.meta.url);
type Case = {
  readonly Scenario: Readonly<Record<string, number | null>>;
  readonly Result: Readonly<Record<string, number>>;
};

/**
 * Derive's perps carry an index that grows by rate x spot x time; an account is owed size x (its index - the global one).
 * The rate of one hour that makes the index grow as it did must accrue the same.
 */
describe.skipIf(!existsSync(FILE))('funding accrued as in derive-srm', () => {
  const cases: Readonly<Record<string, Case>> = existsSync(FILE)
    ? JSON.parse(readFileSync(FILE, 'utf8'))
    : {};

  it.each(['Test17', 'Test28'])('%s', (name) => {
    const { Scenario: s, Result } = cases[name]!;
    const at = (key: string) => (s[key] ?? 0) / 1e18;
    const funding = new Map(
      ['ETH', 'BTC'].map((asset) => {
        const grown = at(`${asset}GlobalFundingIndex`) - at(`Account${asset}FundingIndex`);
        const ratePerHour = grown / at(`${asset}SpotPrice`);
        return [`${asset}-PERP`, rate({ ratePerHour, settledAtMs: NOW - HOUR })] as const;
      }),
    );
    const prices = ['ETH', 'BTC'].map((asset) => price(`${asset}-USD`, String(at(`${asset}SpotPrice`))));
    const positions = ['ETH', 'BTC']
      .filter((asset) => at(`Perps_${asset}`) !== 0)
      .map((asset) =>
        perp(asset, `${asset}-PERP`, String(at(`Perps_${asset}`)), String(at(`${asset}SpotPrice`))),
      );
    const market = { ...withPrice(snapshot(), ...prices), funding };
    const { defaultParameters } = standardModuleV12;
    const { lines } = standardModuleV12.calculate(
      book('0', ...positions),
      MARKETS,
      market,
      defaultParameters,
    );
    const accrued = lines.filter(({ term }) => term === 'funding-accrued');
    const sum = accrued.reduce((total, { equityWad }) => total + equityWad, wadFromDecimal('0'));
    expect(accrued).toHaveLength(positions.length);
    // their indexes are whole numbers and a rate has 18 decimals
    expect(Math.abs(Number(wadToDecimal(sum)) / (Result.UnsettledFunding! / 1e18) - 1)).toBeLessThan(1e-13);
  });
});
