import { describe, expect, it } from 'vitest';
import { advanceBuffer } from '../../../../risk/buffer/advance.ts';
import { bufferTarget } from '../../../../risk/buffer/target.ts';
import { standardModule } from '../../../../risk/modules/standard/module.ts';
import type { Portfolio } from '../../../../risk/portfolio/portfolio.ts';
import { settle } from '../../../../risk/units/settle.ts';
import { wadFromDecimal as wad, wadToDecimal } from '../../../../risk/units/wad.ts';
import {
  account,
  collateral,
  loan,
  MARKETS,
  NOW,
  perp,
  price,
  refused,
  snapshot,
  view,
  withPrice,
} from '../../fixtures.ts';

const plain = standardModule.parseParameters({ buffer: { policy: 'none', cap: 1 } });
const margin = (portfolio: Portfolio, market = snapshot(), p = plain) =>
  standardModule.calculate(portfolio, MARKETS, market, p);

describe('standard module', () => {
  it('margins a perp by notional and carries PnL and funding in equity', () => {
    const result = margin(
      account('1000', perp('p', 'BTC-PERP', '-0.5', '61000', { unsettledFundingWad: wad('-3.5') })),
    );
    // 1000 cash + 0.5 * 1000 PnL - 3.5 funding
    expect(wadToDecimal(result.equityWad)).toBe('1496.5');
    expect(wadToDecimal(result.initialRequirementWad)).toBe('1950');
    expect(wadToDecimal(result.maintenanceRequirementWad)).toBe('1500');
    expect(wadToDecimal(result.netInitialWad)).toBe('-453.5');
    expect(result.status).toBe('liquidatable');
    expect(result.sensitivities).toEqual([
      { positionId: 'p', asset: 'BTC', delta: -0.5, initialSlope: 0.0325, maintenanceSlope: 0.025 },
    ]);
  });

  it('gives collateral its value as equity and takes the haircut as requirement', () => {
    const result = margin(account('0', collateral('c', 'ETH', '2'), collateral('d', 'USDC', '500')));
    expect(wadToDecimal(result.equityWad)).toBe('4500');
    expect(wadToDecimal(result.initialRequirementWad)).toBe('610');
    expect(wadToDecimal(result.maintenanceRequirementWad)).toBe('405');
  });

  it('charges a loan on what is owed, the buffer on the charge', () => {
    const debt = { accountId: 'a', cashWad: wad('5000'), positions: [loan('l', 'ETH-SPOT', '1')] };
    const plainly = standardModule.calculate(debt, MARKETS, snapshot(), plain);
    expect(wadToDecimal(plainly.netInitialWad)).toBe('2800');
    expect(wadToDecimal(plainly.netMaintenanceWad)).toBe('2900');
    const buffered = standardModule.calculate(debt, MARKETS, snapshot(), standardModule.defaultParameters);
    expect(buffered.lines.map((each) => each.term)).toEqual([
      'cash',
      'loan-value',
      'loan-margin',
      'loan-buffer',
    ]);
    expect(wadToDecimal(buffered.initialRequirementWad)).toBe('250');
  });

  it('nets one market across chains and shows each part what it adds or saves', () => {
    const result = margin(
      account(
        '100000',
        perp('a', 'BTC-PERP', '2', '60000', { chain: 'hub' }),
        perp('b', 'BTC-PERP', '-1.5', '60000'),
      ),
    );
    expect(wadToDecimal(result.maintenanceRequirementWad)).toBe('1500');
    const lines = result.lines.filter((each) => each.term === 'perp-margin');
    expect(lines.map((each) => wadToDecimal(each.maintenanceWad))).toEqual(['6000', '-4500']);
    expect(lines[0]!.chain).toBe('hub');
  });

  it.each([
    ['10000', 'healthy'],
    ['4200', 'warned'],
    ['3500', 'margin-call'],
    ['2000', 'liquidatable'],
    ['500', 'insolvent'],
    ['-5', 'insolvent'],
  ])('with %s cash against 3900 initial and 3000 maintenance it is %s', (cash, status) => {
    expect(margin(account(cash, perp('p', 'BTC-PERP', '1', '60000'))).status).toBe(status);
  });

  it('is healthy and empty for an empty account', () => {
    const result = margin(account('0'));
    expect(result.status).toBe('healthy');
    expect(result.initialRequirementWad).toBe(0n);
    expect(result.lines).toHaveLength(1);
  });

  it('charges doubtful oracles on initial margin only', () => {
    const market = withPrice(snapshot(), price('BTC-USD', '60000', { confidenceScore: 0.25 }));
    const result = margin(account('100000', perp('p', 'BTC-PERP', '1', '60000')), market);
    // 60000 * 0.065 + (1 - 0.25) * 0.4 * 60000; the double 0.75 * 0.4 lies a little above 0.3
    const charge = (60000n * settle(0.75 * 0.4, 'debit')) as bigint;
    expect(result.initialRequirementWad).toBe(wad('3900') + charge);
    expect(wadToDecimal(result.maintenanceRequirementWad)).toBe('3000');
  });

  it('never lets the charges on collateral exceed its value', () => {
    const p = standardModule.parseParameters({
      buffer: { policy: 'none', cap: 1 },
      assets: { SOL: { collateral: { initialHaircut: 0.9, maintenanceHaircut: 0.5 } } },
    });
    const market = withPrice(snapshot(), price('SOL-USD', '150', { confidenceScore: 0 }));
    expect(margin(account('0', collateral('c', 'SOL', '10')), market, p).netInitialWad).toBe(0n);
  });

  it('charges a depegged stablecoin on the notional', () => {
    const p = standardModule.parseParameters({
      buffer: { policy: 'none', cap: 1 },
      depeg: { feedId: 'USDC-USD' },
    });
    const book = account('100000', perp('p', 'ETH-PERP', '-3', '2000'));
    const result = margin(book, withPrice(snapshot(), price('USDC-USD', '0.9')), p);
    // (0.98 - 0.9) * 1.2 * 6000
    expect(wadToDecimal(result.initialRequirementWad)).toBe('966');
    const blind = margin(book, withPrice(snapshot(), refused('USDC-USD', '0.9')), p);
    expect(blind.status).toBe('unknown');
    expect(blind.reasons[0]!.code).toBe('price-refused');
  });

  it('answers unknown, with the failure, when a price is missing or refused', () => {
    const market = withPrice(snapshot(), refused('ETH-USD', '2000'));
    const result = margin(
      account(
        '100000',
        perp('p', 'ETH-PERP', '1', '2000'),
        collateral('c', 'ETH', '1'),
        perp('q', 'BTC-PERP', '1', '60000'),
      ),
      market,
    );
    expect(result.status).toBe('unknown');
    expect(result.failures.map((each) => [each.positionId, each.reason.code])).toEqual([
      ['c', 'price-refused'],
      ['p', 'price-refused'],
    ]);
    expect(wadToDecimal(result.equityWad)).toBe('100000');
    expect(wadToDecimal(result.maintenanceRequirementWad)).toBe('3000');
    const gone = margin(account('1', perp('x', 'DOGE-PERP', '1', '1')), market);
    expect(gone.failures[0]!.reason.code).toBe('unknown-market');
  });

  it('says when a price may be used for margin but not to open', () => {
    const closed = { usable: false, reasons: [{ code: 'deviation', message: 'sources disagree' }] };
    const fine = { usable: true, reasons: [] };
    const market = withPrice(
      snapshot(),
      price('BTC-USD', '60000', { verdicts: { open: closed, margin: fine, liquidate: fine } }),
    );
    const result = margin(account('100000', perp('p', 'BTC-PERP', '1', '60000')), market);
    expect(result.status).toBe('healthy');
    expect(result.reasons).toEqual([
      {
        code: 'price-not-for-open',
        message: 'BTC-USD may not be used to open new risk: sources disagree',
        subject: 'BTC-USD',
      },
    ]);
  });

  it('scales rates by the buffer in force and caps haircuts at the value', () => {
    // median 0.03 of reference 0.03, 95 % quantile at twice the median: f = 2
    const market = snapshot({ volatility: new Map([['BTC', new Map([[24, view('BTC', 0.03)]])]]) });
    const p = standardModule.defaultParameters;
    const result = margin(account('100000', perp('p', 'BTC-PERP', '1', '60000')), market, p);
    expect(wadToDecimal(result.initialRequirementWad)).toBe('7800');
    expect(result.lines.find((each) => each.term === 'perp-buffer')?.initialWad).toBe(wad('3900'));
    expect(result.buffers[0]).toMatchObject({
      asset: 'BTC',
      initialFactor: 2,
      policy: 'buffer25',
      effectiveFromMs: null,
    });
  });

  it('stands at the cap, with a reason, while no forecast ever came', () => {
    const market = snapshot({ volatility: new Map() });
    const result = margin(
      account('0', perp('p', 'BTC-PERP', '1', '60000')),
      market,
      standardModule.defaultParameters,
    );
    expect(wadToDecimal(result.initialRequirementWad)).toBe('11700');
    expect(result.reasons[0]!.code).toBe('forecast-missing');
  });

  it('reads a stored schedule: maintenance still under notice while initial has risen', () => {
    const p = standardModule.defaultParameters;
    const own = standardModule.bufferParameters('BTC', p)!;
    const calm = advanceBuffer(null, bufferTarget('BTC', view('BTC', 0.01), own, NOW), NOW, own);
    const risen = advanceBuffer(calm, bufferTarget('BTC', view('BTC', 0.03), own, NOW), NOW, own);
    const market = snapshot({ buffers: new Map([['BTC', risen]]), volatility: new Map() });
    const result = margin(account('100000', perp('p', 'BTC-PERP', '1', '60000')), market, p);
    expect(wadToDecimal(result.initialRequirementWad)).toBe('7800');
    expect(wadToDecimal(result.maintenanceRequirementWad)).toBe('3750');
    expect(result.buffers[0]!.effectiveFromMs).toBe(NOW + 24 * 3_600_000);
  });

  it('stands at the cap when a stored schedule is damaged', () => {
    const p = standardModule.defaultParameters;
    const own = standardModule.bufferParameters('BTC', p)!;
    const sound = advanceBuffer(null, bufferTarget('BTC', view('BTC', 0.01), own, NOW), NOW, own);
    const damaged = { ...sound, initial: { ...sound.initial, from: Number.NaN, to: Number.NaN } };
    const market = snapshot({ buffers: new Map([['BTC', damaged]]) });
    const result = margin(account('100000', perp('p', 'BTC-PERP', '1', '60000')), market, p);
    expect(wadToDecimal(result.initialRequirementWad)).toBe('11700');
    expect(result.reasons.map((reason) => reason.code)).toContain('buffer-invalid');
  });

  it('takes sizes of 1e30 and prices of 1e-18 without losing a digit', () => {
    const market = withPrice(snapshot(), price('SOL-USD', '0.000000000000000001'));
    const huge = margin(account('0', perp('p', 'SOL-PERP', '1000000000000000000000000000000', '0')), market);
    expect(wadToDecimal(huge.equityWad)).toBe('1000000000000');
    expect(wadToDecimal(huge.maintenanceRequirementWad)).toBe('50000000000');
  });

  it('asks for the feeds and forecasts it needs and no others', () => {
    const book = account('0', perp('p', 'ETH-PERP', '1', '1'), collateral('c', 'USDC', '1'));
    expect(standardModule.requirements(book, MARKETS, standardModule.defaultParameters)).toEqual({
      feeds: ['ETH-USD', 'USDC-USD'],
      volatility: [{ asset: 'ETH', horizonHours: 24 }],
    });
  });
});
