import { describe, expect, it } from 'vitest';
import { standardModule } from '../../../risk/modules/standard/module.ts';
import type { AnyPortfolio } from '../../../risk/portfolio/portfolio.ts';
import {
  correlatedCrash,
  HISTORICAL_CRASHES,
  lostChain,
  vanishedLiquidity,
} from '../../../risk/stress/scenarios.ts';
import { multiplierOf } from '../../../risk/stress/shock.ts';
import { reverseStress, stressGrid, stressTest } from '../../../risk/stress/stress.ts';
import { wadToFloat } from '../../../risk/units/wad.ts';
import { account, collateral, MARKETS, perp, snapshot } from '../fixtures.ts';

const ask = (portfolio: AnyPortfolio) => ({
  module: standardModule,
  parameters: standardModule.parseParameters({ buffered: false }),
  portfolio,
  markets: MARKETS,
  market: snapshot(),
});
const hub = { chain: 'hub' };

describe('stress', () => {
  it('replays crashes: prices move by what they did, stablecoins stay, the unlisted take the worst', () => {
    const [march] = HISTORICAL_CRASHES;
    expect(multiplierOf(march!, 'BTC')).toBeCloseTo(0.5355, 12);
    expect(multiplierOf(march!, 'SOL')).toBeCloseTo(0.5222, 12);
    expect(multiplierOf(march!, 'USDC')).toBe(1);
    const book = account('20000', perp('p', 'BTC-PERP', '1', '60000'), collateral('c', 'USDC', '100'));
    const [outcome] = stressTest(ask(book), [march!]);
    expect(wadToFloat(outcome!.changeWad)).toBeCloseTo(-60000 * 0.4645, 8);
    expect(outcome!.margin.status).toBe('insolvent');
    const cost = 60000 * 0.5355 * 0.01;
    expect(wadToFloat(outcome!.equityAfterClosingWad)).toBeCloseTo(20100 - 27870 - cost, 8);
  });

  it('takes hedges away in a correlated crash and liquidity when it vanishes', () => {
    const book = account('30000', perp('a', 'BTC-PERP', '1', '60000'), perp('b', 'ETH-PERP', '10', '2000'));
    const [crash, dry] = stressTest(ask(book), [correlatedCrash(-0.5), vanishedLiquidity(0.1)]);
    expect(wadToFloat(crash!.changeWad)).toBeCloseTo(-40000, 8);
    expect(crash!.scenario.name).toBe('correlated-crash-50');
    expect(dry!.changeWad).toBe(0n);
    expect(wadToFloat(dry!.equityAfterClosingWad)).toBeCloseTo(30000 - 8000, 8);
  });

  it('counts neither collateral nor gains of a lost chain, but its losses', () => {
    const coins = { ...collateral('c', 'ETH', '5'), ...hub };
    const winner = perp('w', 'BTC-PERP', '1', '50000', hub);
    const loser = perp('l', 'ETH-PERP', '1', '2500', hub);
    const [outcome] = stressTest(ask(account('1000', coins, winner, loser)), [lostChain('hub')]);
    expect(wadToFloat(outcome!.margin.equityWad)).toBeCloseTo(1000 - 500, 8);
    const [other] = stressTest(ask(account('1000', coins, winner, loser)), [lostChain('l2')]);
    expect(other!.changeWad).toBe(0n);
  });

  it('draws a grid and finds the smallest move that breaks the account', () => {
    const question = ask(
      account('6000', perp('p', 'BTC-PERP', '1', '60000'), perp('q', 'SOL-PERP', '-1', '150')),
    );
    const grid = stressGrid(question, [-0.1, 0, 0.1], [1, 2]);
    expect(grid.netMaintenanceWad).toHaveLength(2);
    const [down, now, up] = grid.netMaintenanceWad[0]!.map(wadToFloat);
    expect(down!).toBeLessThan(now!);
    expect(up!).toBeGreaterThan(now!);
    const worst = reverseStress(question, { BTC: 1, SOL: 1 })!;
    expect(worst.asset).toBe('BTC');
    expect(worst.move).toBeCloseTo(-2992.5 / 57000, 6);
    expect(reverseStress(ask(account('5')))).toBeNull();
    expect(() => stressGrid(question, [-1], [1])).toThrow(/^spotMoves\[0\]/);
    expect(() => stressGrid(question, [0], [0])).toThrow(/^volatilities\[0\]/);
  });
});
