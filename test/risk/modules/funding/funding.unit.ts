import { describe, expect, it } from 'vitest';
import { largestOrder } from '../../../../risk/capacity/capacity.ts';
import { planPartialClose } from '../../../../risk/liquidation/plan.ts';
import type { FundingRate } from '../../../../risk/market/venue-terms.ts';
import type { MarginResult } from '../../../../risk/modules/module.ts';
import { cutOff } from '../../../../risk/stress/shock.ts';
import { wadFromDecimal as wad, wadToDecimal, wadToFloat } from '../../../../risk/units/wad.ts';
import { NOW, perp } from '../../fixtures.ts';
import { book, markets } from '../instrument-fixtures.ts';
import { funded, HOUR, pair, rate, VERSIONS } from './fixtures.ts';

const amountOf = (result: MarginResult, term: string, key: 'equityWad' | 'initialWad' | 'maintenanceWad') =>
  wadToDecimal(result.lines.reduce((sum, each) => sum + (each.term === term ? each[key] : 0n), 0n));

describe.each(VERSIONS)('funding in %s %s', (...names) => {
  const [module] = pair(names);
  const p = module.defaultParameters;
  const ask = (told: FundingRate, position: ReturnType<typeof perp>) =>
    module.calculate(book('100000', position), markets, funded({ [position.market]: told }), p);
  const long = perp('p', 'BTC-PERP', '2', '60000');

  it('takes from a long what it gives to a short: notional x rate x hours since the last settlement', () => {
    // Hyperliquid, Binance: payment = size x price x rate; 2 x 60,000 x 0.0001 x 4 hours
    expect(amountOf(ask(rate(), long), 'funding-accrued', 'equityWad')).toBe('-48');
    const short = { ...long, sizeWad: -long.sizeWad };
    expect(amountOf(ask(rate(), short), 'funding-accrued', 'equityWad')).toBe('48');
    expect(amountOf(ask(rate({ ratePerHour: -0.0001 }), long), 'funding-accrued', 'equityWad')).toBe('48');
  });

  it('charges the payment to come to the side that pays, and only within the horizon', () => {
    const both = (told: FundingRate, position = long) => {
      const result = ask(told, position);
      return [
        amountOf(result, 'funding-payment', 'initialWad'),
        amountOf(result, 'funding-payment', 'maintenanceWad'),
      ];
    };
    expect(both(rate())).toEqual(['48', '48']);
    expect(both(rate(), { ...long, sizeWad: -long.sizeWad })).toEqual(['0', '0']);
    // hourly payments: the last within 8 hours is in 7.5
    const hourly = { settledAtMs: NOW - HOUR / 2, nextAtMs: NOW + HOUR / 2 };
    expect(both(rate(hourly))).toEqual(['90', '90']);
    // paid all the time, as Deribit and Derive do: the whole horizon
    expect(both(rate({ nextAtMs: null }))).toEqual(['96', '96']);
    expect(both(rate({ nextAtMs: NOW + 9 * HOUR }))).toEqual(['0', '0']);
    // a payment that is overdue is in what has accrued; the next one is an interval later
    expect(both(rate({ settledAtMs: NOW - 9 * HOUR, nextAtMs: NOW - HOUR }))).toEqual(['84', '84']);
  });

  it('counts a position from when it says, and never from before the last settlement', () => {
    const from = (fundingFromMs: number) =>
      amountOf(ask(rate(), { ...long, fundingFromMs }), 'funding-accrued', 'equityWad');
    expect(from(NOW - HOUR)).toBe('-12');
    expect(from(NOW - 9 * HOUR)).toBe('-48');
    // a time that has not come spares nobody
    expect(from(NOW + HOUR)).toBe('-48');
    const ahead = { ...long, sizeWad: -long.sizeWad, fundingFromMs: NOW + HOUR };
    expect(amountOf(ask(rate(), ahead), 'funding-accrued', 'equityWad')).toBe('0');
    expect(amountOf(ask(rate({ settledAtMs: null }), long), 'funding-accrued', 'equityWad')).toBe('0');
  });

  it('rounds against the account', () => {
    const dust = rate({ ratePerHour: 1e-15, settledAtMs: NOW - 1 });
    expect(amountOf(ask(dust, long), 'funding-accrued', 'equityWad')).toBe('-0.000000000000000034');
    expect(amountOf(ask(dust, { ...long, sizeWad: -long.sizeWad }), 'funding-accrued', 'equityWad')).toBe(
      '0.000000000000000033',
    );
  });

  it('pays contracts that settle in the coin their number x rate, at any index', () => {
    const inverse = perp('p', 'BTC-INV-OWN', '120000', '60000');
    const result = ask(rate(), inverse);
    expect(amountOf(result, 'funding-accrued', 'equityWad')).toBe('-48');
    expect(amountOf(result, 'funding-payment', 'initialWad')).toBe('48');
  });

  it('takes and does not give by a rate that is too old, and says so', () => {
    const old = rate({ asOfMs: NOW - HOUR });
    const paying = ask(old, long);
    expect(paying.reasons.map(({ code, subject }) => [code, subject])).toEqual([
      ['funding-stale', 'BTC-PERP'],
    ]);
    expect(paying.status).not.toBe('unknown');
    expect(amountOf(paying, 'funding-accrued', 'equityWad')).toBe('-48');
    expect(amountOf(paying, 'funding-payment', 'maintenanceWad')).toBe('48');
    const receiving = ask(old, { ...long, sizeWad: -long.sizeWad });
    expect(amountOf(receiving, 'funding-accrued', 'equityWad')).toBe('0');
    expect(amountOf(receiving, 'funding-payment', 'initialWad')).toBe('48');
    expect(amountOf(receiving, 'funding-payment', 'maintenanceWad')).toBe('0');
    // the module's own limit, whatever the venue allows
    const lasting = rate({ asOfMs: NOW - 2 * HOUR, maxAgeMs: 24 * HOUR });
    expect(ask(lasting, long).reasons.map(({ code }) => code)).toEqual(['funding-stale']);
  });

  it.each([
    ['no number', { ratePerHour: Number.NaN }],
    ['above 100 % an hour', { ratePerHour: 1.5 }],
    ['of no time', { settledAtMs: Number.POSITIVE_INFINITY }],
    ['made in the future', { asOfMs: NOW + 1 }],
  ])('fails the positions of a market whose rate is %s', (_, over) => {
    const result = ask(rate(over), long);
    expect(result.failures).toMatchObject([{ positionId: 'p', reason: { code: 'funding-invalid' } }]);
    expect(result.status).toBe('unknown');
  });

  it('shows the change of delta, and revalues as it calculates', () => {
    const result = ask(rate(), long);
    const own = result.sensitivities.find(({ positionId }) => positionId === 'p')!;
    expect(own.delta).toBeCloseTo(2 - 48 / 60000, 12);
    const factor = result.buffers[0];
    const out = { equity: 0, initialRequirement: 0, maintenanceRequirement: 0 };
    const market = funded({ 'BTC-PERP': rate() });
    const revaluer = module.revaluer(book('100000', long), markets, market, p);
    const factors = [factor?.initialFactor ?? 1, factor?.maintenanceFactor ?? 1] as const;
    revaluer.evaluate(Float64Array.of(1), Float64Array.of(factors[0]), Float64Array.of(factors[1]), out);
    expect(out.equity).toBeCloseTo(wadToFloat(result.equityWad), 6);
    expect(out.initialRequirement).toBeCloseTo(wadToFloat(result.initialRequirementWad), 6);
    expect(out.maintenanceRequirement).toBeCloseTo(wadToFloat(result.maintenanceRequirementWad), 6);
    const before = out.equity;
    revaluer.evaluate(Float64Array.of(1.1), Float64Array.of(factors[0]), Float64Array.of(factors[1]), out);
    expect(out.equity - before).toBeCloseTo(2 * 6000 - 4.8, 6);
  });

  it('lets an order earn nothing before it is held: the largest one leaves the margin covered', () => {
    // 2 % an hour for 4 hours would pay more than half the margin of a long order
    const market = funded({ 'BTC-PERP': rate({ ratePerHour: -0.02, nextAtMs: null }) });
    const ask = (side: 'buy' | 'sell') =>
      largestOrder({ module, parameters: p, portfolio: book('100000'), markets, market }, 'BTC-PERP', side);
    const still = funded({ 'BTC-PERP': rate({ ratePerHour: 0 }) });
    const question = { module, parameters: p, portfolio: book('100000'), markets, market: still };
    const without = largestOrder(question, 'BTC-PERP', 'buy');
    expect(ask('buy')).toBe(without);
    expect(ask('sell') < without).toBe(true);
    const sold = book('100000', perp('p', 'BTC-PERP', wadToDecimal(-ask('sell')), '60000'));
    expect(module.calculate(sold, markets, market, p).netInitialWad >= 0n).toBe(true);
  });

  it('settles what has accrued when a position is closed, and gives a lost chain no credit', () => {
    const market = funded({ 'BTC-PERP': rate() });
    const portfolio = book('9000', { ...long, chain: 'l2' });
    const plan = planPartialClose({ module, parameters: p, portfolio, markets, market }, wad('8952'), 0);
    expect(plan.after.positions).toEqual([]);
    expect(wadToDecimal(plan.after.cashWad)).toBe('8952');
    const short = book('9000', { ...long, sizeWad: -long.sizeWad, chain: 'l2' });
    const result = module.calculate(cutOff(short, markets, market, 'l2'), markets, market, p);
    expect(amountOf(result, 'funding-accrued', 'equityWad')).toBe('0');
  });
});
