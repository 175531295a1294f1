import type { AnyPosition } from '../../risk/portfolio/portfolio.ts';
import { wadFromDecimal } from '../../risk/units/wad.ts';
import { NOW_MS } from '../../test/gateway/support/market.ts';
import { seeded } from '../timing.ts';

export const PROTOCOL = 'bench';
/** Options of each account, beside two perpetuals and a collateral. */
const OPTIONS = 6;
const EXPIRY = '20260327';
const EXPIRY_MS = Date.UTC(2026, 2, 27, 8);
export const EXPIRIES = [EXPIRY_MS];
export const STRIKES = Array.from({ length: 21 }, (_, i) => 50_000 + 1_000 * i);

/** The same books on every machine. */
export function* books(accounts: number) {
  const random = seeded(20260314);
  const amount = (range: number) => wadFromDecimal(((random() * 2 - 1) * range).toFixed(4));
  const from = Math.floor(random() * STRIKES.length);
  for (let index = 0; index < accounts; index += 1) {
    const perp = (asset: string, entry: number, range: number): AnyPosition => ({
      kind: 'perp',
      id: `perp-${asset}`,
      market: `${asset}-PERP`,
      sizeWad: amount(range),
      entryPriceWad: wadFromDecimal(String(Math.round(entry * (0.97 + 0.06 * random())))),
      unsettledFundingWad: 0n,
      chain: 'hub',
    });
    const options = Array.from({ length: OPTIONS }, (_, i): AnyPosition => {
      const strike = STRIKES[(from + index * 5 + i * 3) % STRIKES.length]!;
      return {
        kind: 'option',
        id: `option-${i}`,
        market: `BTC-${EXPIRY}-${strike}-${i % 2 === 0 ? 'C' : 'P'}`,
        sizeWad: amount(2),
        chain: 'hub',
      } as AnyPosition;
    });
    yield {
      account: `account-${String(index).padStart(6, '0')}`,
      cashWad: wadFromDecimal(String(20_000 + Math.round(200_000 * random()))),
      positions: [perp('BTC', 60_000, 1), perp('ETH', 3_000, 20), ...options],
    };
  }
}

export const AT_MS = NOW_MS;
