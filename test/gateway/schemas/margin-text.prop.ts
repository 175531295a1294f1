import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MarginAnswer } from '../../../gateway/app/ports.ts';
import { marginDto } from '../../../gateway/schemas/margin.ts';
import { marginText } from '../../../gateway/schemas/margin-text.ts';
import type { MarginResult } from '../../../risk/modules/module.ts';
import { NotFiniteError } from '../../../risk/units/settle.ts';
import { createWorld } from '../support/gateway.ts';
import { NOW_MS } from '../support/market.ts';

const VALID_MS = 10_000;
const wad = fc.oneof(fc.constant(0n), fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }));
const text = fc.oneof(fc.constantFrom('p1', 'perp-margin', 'BTC'), fc.string({ unit: 'binary' }));
const number = fc.oneof(
  fc.constantFrom(0, -0, 1e21, 1e-7, 0.1),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const reason = fc.record({ code: text, message: text, subject: text }, { requiredKeys: ['code', 'message'] });
const greeks = fc.record({ gamma: number, vega: number, theta: number, rho: number });
const line = fc.record({
  positionId: fc.option(text),
  chain: fc.option(text),
  term: text,
  equityWad: wad,
  initialWad: wad,
  maintenanceWad: wad,
});
const sensitivity = fc.record(
  { positionId: text, asset: text, delta: number, initialSlope: number, maintenanceSlope: number, greeks },
  { requiredKeys: ['positionId', 'asset', 'delta', 'initialSlope', 'maintenanceSlope'] },
);
const parts = fc.record({
  equityWad: wad,
  initialRequirementWad: wad,
  maintenanceRequirementWad: wad,
  netInitialWad: wad,
  netMaintenanceWad: wad,
  lines: fc.array(line, { maxLength: 6 }),
  sensitivities: fc.array(sensitivity, { maxLength: 6 }),
  worstScenarios: fc.option(fc.array(fc.record({ asset: text, scenario: text, lossWad: wad })), {
    nil: undefined,
  }),
  failures: fc.array(fc.record({ positionId: text, reason })),
  reasons: fc.array(reason),
});

/** The answer, or the name of what is thrown: sums of doubles may leave their range. */
function told(answer: () => string): string {
  try {
    return answer();
  } catch (error) {
    expect(error).toBeInstanceOf(NotFiniteError);
    return (error as NotFiniteError).name;
  }
}

test('the text of a margin is that of its fields, whatever it says and whenever it is given', async () => {
  const { ports } = createWorld();
  const real = await ports.margin.simulate(
    'local',
    {
      accountId: 'simulation',
      cashWad: 0n,
      positions: [
        {
          kind: 'perp',
          id: 'p',
          market: 'BTC-PERP',
          sizeWad: 10n ** 18n,
          entryPriceWad: 10n ** 22n,
          unsettledFundingWad: 0n,
          chain: null,
        },
      ],
    },
    null,
  );
  expect(real.result.buffers).not.toEqual([]);
  expect(real.prices).not.toEqual([]);
  const own = fc.constantFrom({ accountId: null, sequence: null }, { accountId: 'a"b', sequence: 7n });
  fc.assert(
    fc.property(own, parts, fc.constantFrom(0, 9_999, 10_001, 60_000), (whose, result, later) => {
      const answer = {
        ...real,
        ...whose,
        result: { ...real.result, ...result } as MarginResult,
      } as MarginAnswer;
      const nowMs = NOW_MS + later;
      expect(told(() => marginText(answer, nowMs, VALID_MS))).toBe(
        told(() => JSON.stringify(marginDto(answer, nowMs, VALID_MS))),
      );
    }),
    { numRuns: 500 },
  );
});

test('a figure that is none is refused, not written', async () => {
  const { ports } = createWorld();
  const real = await ports.margin.simulate('local', { accountId: 's', cashWad: 0n, positions: [] }, null);
  for (const field of ['delta', 'initialSlope', 'maintenanceSlope']) {
    const one = {
      positionId: 'p',
      asset: 'BTC',
      delta: 0,
      initialSlope: 0,
      maintenanceSlope: 0,
      [field]: Number.NaN,
    };
    const answer = { ...real, result: { ...real.result, sensitivities: [one] } };
    expect(() => marginText(answer, NOW_MS, VALID_MS)).toThrow(NotFiniteError);
  }
});
