import { describe, expect, test } from 'vitest';
import type { FiledConsent } from '../../../db/queries/consents.ts';
import { type NettedInput, nettedMargin } from '../../../gateway/consents/netted-margin.ts';
import { pinnedModel } from '../../../gateway/governance/pinned-model.ts';
import type { AnyPortfolio } from '../../../risk/portfolio/portfolio.ts';
import { wadFromDecimal, wadToDecimal } from '../../../risk/units/wad.ts';
import { consentDocument, NETTING_MODULE } from '../support/consents.ts';
import { createWorld } from '../support/gateway.ts';
import { NOW_MS } from '../support/market.ts';
import { NETTING_RULES } from '../support/tenancy.ts';

const { margin } = createWorld();
const model = pinnedModel(NETTING_MODULE.moduleId, NETTING_MODULE.moduleVersion, {});
const filed: FiledConsent = {
  consent: {
    ...{ id: `0x${'01'.repeat(32)}`, document: consentDocument('alpha/a', 'beta/b') },
    ...{ validUntilMs: NOW_MS + 1000, inForceFromMs: NOW_MS - 1000, endedAtMs: null, endedBy: null },
  },
  filing: { account: 'a', signature: '0x', maxReliefWad: null, filedBy: 'env', filedAtMs: NOW_MS },
};
const holding = (size: string, cash = '20000'): AnyPortfolio => ({
  accountId: 'x',
  cashWad: wadFromDecimal(cash),
  positions: [
    {
      ...{ kind: 'perp', id: 'p', market: 'BTC-PERP', chain: null, unsettledFundingWad: 0n },
      ...{ sizeWad: wadFromDecimal(size), entryPriceWad: wadFromDecimal('60000') },
    },
  ],
});
const side = (protocol: string, size: string, cash?: string) => ({
  evaluation: margin.evaluate(protocol, holding(size, cash)),
  bookAtMs: NOW_MS,
  cutOff: false,
});
const base: NettedInput = {
  ...{ filed, protocol: 'alpha', rules: NETTING_RULES },
  own: side('alpha', '1'),
  other: side('beta', '-1'),
  evaluate: (portfolio) => margin.evaluate('', portfolio, { model }),
};

describe('nettedMargin', () => {
  test('takes the relief off both requirements by a line, so that the sums stay exact', () => {
    const { result, netting } = nettedMargin(base);
    const alone = base.own.evaluation.result;
    expect(netting.suspended).toBeNull();
    expect(netting.relief.initialWad).toBeGreaterThan(0n);
    expect(result.initialRequirementWad).toBe(alone.initialRequirementWad - netting.relief.initialWad);
    expect(result.netMaintenanceWad).toBe(alone.netMaintenanceWad + netting.relief.maintenanceWad);
    expect(result.lines.reduce((sum, { initialWad }) => sum + initialWad, 0n)).toBe(
      result.initialRequirementWad,
    );
    expect(result.equityWad).toBe(alone.equityWad);
  });

  test('decides the status anew: who is called alone is not called with the hedge', () => {
    const { equityWad, netInitialWad } = base.own.evaluation.result;
    const short = wadToDecimal(equityWad - netInitialWad - wadFromDecimal('1'));
    const own = side('alpha', '1', short);
    expect(own.evaluation.result.status).toBe('margin-call');
    const { result } = nettedMargin({ ...base, own });
    expect(result.netInitialWad).toBeGreaterThan(own.evaluation.result.netInitialWad);
    expect(['healthy', 'warned']).toContain(result.status);
  });

  test.each([
    ['netting-other-unknown', { other: null }],
    ['netting-cut-off', { own: { ...base.own, cutOff: true } }],
    ['netting-cut-off', { other: { ...base.other!, cutOff: true } }],
    ['netting-book-old', { own: { ...base.own, bookAtMs: NOW_MS - 900_001 } }],
    ['netting-parameters', { evaluate: () => null }],
    ['netting-below-maintenance', { other: side('beta', '-1', '0') }],
  ] as const)('%s: the account alone, with the reason', (code, changes) => {
    const { result, netting } = nettedMargin({ ...base, ...changes });
    const alone = (('own' in changes && changes.own) || base.own).evaluation.result;
    expect(netting).toMatchObject({ suspended: { code }, figures: null });
    expect(result).toEqual({ ...alone, reasons: [...alone.reasons, netting.suspended] });
  });

  test('a book read on chain just now has no age', () => {
    expect(nettedMargin({ ...base, other: { ...base.other!, bookAtMs: null } }).netting.suspended).toBeNull();
  });

  test('counts the lower equity: what haircuts between chains took off the other side backs nothing', () => {
    const { evaluation } = base.other!;
    const poorer = { ...evaluation, result: { ...evaluation.result, equityWad: wadFromDecimal('3000') } };
    const { netting } = nettedMargin({ ...base, other: { ...base.other!, evaluation: poorer } });
    expect(netting.figures?.other.equityWad ?? 0n).toBe(
      netting.figures === null ? 0n : wadFromDecimal('3000'),
    );
    expect(netting.relief.initialWad).toBeLessThan(nettedMargin(base).netting.relief.initialWad);
  });

  test('both sides compute the same combined requirement, whoever asks', () => {
    const back = nettedMargin({ ...base, protocol: 'beta', own: base.other!, other: base.own });
    expect(back.netting.figures?.combined).toEqual(nettedMargin(base).netting.figures?.combined);
    expect(back.netting.figures?.own).toEqual(nettedMargin(base).netting.figures?.other);
  });
});
