/** Books of the bench of margin events: 100,000 that no tick decides, and some that one tick after the other does. */
import type { WatchedAccount } from '../../gateway/engine/status-watch.ts';
import type { AnyPosition } from '../../risk/portfolio/portfolio.ts';
import { WAD } from '../../risk/units/wad.ts';
import { seeded } from '../timing.ts';

export const SEED = 'bench margin events';
export const BTC = 60_000;
export const ETH = 3000;
/** Maintenance rate of a perp with the buffer of the forecasts of this bench. */
const MAINTENANCE = 0.074162;
/** How far BTC falls with every message. */
export const STEP = 12;

const random = seeded(20_261_122);
const wad = (value: number) => BigInt(Math.round(value * 1e6)) * 10n ** 12n;

function perp(market: string, size: number, entryPrice: number): AnyPosition {
  return {
    kind: 'perp',
    id: market,
    market,
    sizeWad: wad(size),
    entryPriceWad: wad(entryPrice),
    unsettledFundingWad: 0n,
    chain: 'hub',
  };
}

/** Two perps either way, and ether for every second one; cash for twice what they are worth. */
export function otherAccount(index: number): WatchedAccount {
  const accountId = `a${index}`;
  const btc = (random() - 0.5) * 4;
  const eth = (random() - 0.5) * 40;
  const positions = [perp('BTC-PERP', btc, BTC), perp('ETH-PERP', eth, ETH)];
  if (index % 2 === 0) {
    positions.push({ kind: 'collateral', id: 'eth', asset: 'ETH', amountWad: WAD * 5n, chain: 'l2' });
  }
  const cashWad = wad(2 * (Math.abs(btc) * BTC + Math.abs(eth) * ETH) + 1000);
  return { protocol: 'local', accountId, sequence: 1n, portfolio: { accountId, cashWad, positions } };
}

/** One bitcoin long; each falls below maintenance margin one step after the one before. */
export function edgeAccount(index: number): WatchedAccount {
  const accountId = `edge-${index}`;
  const cashWad = wad(MAINTENANCE * BTC + (index + 0.5) * STEP * (1 - MAINTENANCE));
  const positions = [perp('BTC-PERP', 1, BTC)];
  return { protocol: 'local', accountId, sequence: 1n, portfolio: { accountId, cashWad, positions } };
}
