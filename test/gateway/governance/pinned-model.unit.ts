import { describe, expect, test } from 'vitest';
import { Listing } from '../../../gateway/engine/instruments.ts';
import { MarginService } from '../../../gateway/engine/margin-service.ts';
import { riskConfiguration } from '../../../gateway/engine/risk-configuration.ts';
import { VenueDataStore } from '../../../gateway/engine/venue-data-store.ts';
import { pinnedModel } from '../../../gateway/governance/pinned-model.ts';
import { WAD } from '../../../risk/units/wad.ts';
import { MARKETS, NOW_MS, robustPrice, SERIES } from '../support/market.ts';

const OWN = pinnedModel('fixed', '1.0.0', { initial: 0.1 });
const RAISED = pinnedModel('fixed', '1.0.0', { initial: 0.2 });
const FROM_MS = NOW_MS + 1000;

/** Alpha has accepted other parameters from FROM_MS on. */
function service(nowMs: number): MarginService {
  return new MarginService({
    configuration: { listing: new Listing(MARKETS, SERIES), model: () => OWN },
    pinned: (protocol, atMs) => (protocol === 'alpha' && atMs >= FROM_MS ? RAISED : null),
    prices: { feedIds: ['BTC-USD'], price: (id) => robustPrice(id, '60000', nowMs) },
    store: { views: new Map(), buffers: new Map() },
    venues: new VenueDataStore(),
    history: () => null,
    clock: { nowMs: () => nowMs },
    validForMs: 1000,
  });
}

const BOOK = {
  accountId: 'a',
  cashWad: 100_000n * WAD,
  positions: [
    {
      kind: 'perp' as const,
      id: 'p',
      market: 'BTC-PERP',
      sizeWad: WAD,
      entryPriceWad: 60_000n * WAD,
      unsettledFundingWad: 0n,
      chain: null,
    },
  ],
};
const initial = (protocol: string, nowMs: number, ask = {}) => {
  const { result, basis } = service(nowMs).evaluate(protocol, BOOK, ask);
  return [result.initialRequirementWad / WAD, basis.parametersHash];
};

describe('the parameters that a protocol accepted', () => {
  test('margin its accounts from effectiveFrom on, and nobody else', () => {
    expect(initial('alpha', FROM_MS - 1)).toEqual([6000n, OWN.parametersHash]);
    expect(initial('alpha', FROM_MS)).toEqual([12_000n, RAISED.parametersHash]);
    expect(initial('beta', FROM_MS)).toEqual([6000n, OWN.parametersHash]);
  });

  test('yield to a model that is compared with, and to a module that a request names', () => {
    expect(initial('alpha', FROM_MS, { model: OWN })[0]).toBe(6000n);
    expect(initial('alpha', FROM_MS, { module: { id: 'fixed', version: '1.0.0' } })[0]).toBe(6000n);
  });

  test('have the hash that the network file would give them', () => {
    const network = {
      markets: [],
      options: [],
      otherModules: [],
      module: { id: 'fixed', version: '1.0.0', parameters: { initial: 0.2 } },
    };
    const { parametersHash } = riskConfiguration(
      network as unknown as Parameters<typeof riskConfiguration>[0],
    );
    expect(RAISED.parametersHash).toBe(parametersHash);
  });
});
