import type { MarketSnapshot } from '../../../../risk/market/market-data.ts';
import type { FundingRate } from '../../../../risk/market/venue-terms.ts';
import { findModule } from '../../../../risk/modules/registry.ts';
import { NOW } from '../../fixtures.ts';
import { withData } from '../instrument-fixtures.ts';

export const HOUR = 3_600_000;

/** Versions that read what venues say of funding and settlement, each with the one before it. */
export const VERSIONS = [
  ['standard', '1.2.0', '1.1.0'],
  ['scenario', '2.2.0', '2.1.0'],
  ['tail', '1.2.0', '1.1.0'],
] as const;
export const pair = ([id, version, before]: readonly [string, string, string]) =>
  [findModule(id, version), findModule(id, before)] as const;

/** 0.01 % an hour, last paid four hours ago, next in four. */
export const rate = (over: Partial<FundingRate> = {}): FundingRate => ({
  asOfMs: NOW,
  maxAgeMs: 300_000,
  ratePerHour: 0.0001,
  settledAtMs: NOW - 4 * HOUR,
  nextAtMs: NOW + 4 * HOUR,
  ...over,
});

export const funded = (rates: Readonly<Record<string, FundingRate>>): MarketSnapshot => ({
  ...withData(),
  funding: new Map(Object.entries(rates)),
});
