import { expect, it } from 'vitest';
import type { MarginAnswer } from '../../../gateway/app/ports.ts';
import { marginFigures } from '../../../gateway/attestations/figures.ts';

const answer = (equityWad: bigint, initialWad = 0n): MarginAnswer => {
  const result: Partial<MarginAnswer['result']> = {
    status: 'healthy',
    failures: [],
    equityWad,
    initialRequirementWad: initialWad,
    maintenanceRequirementWad: 0n,
    netInitialWad: 0n,
    netMaintenanceWad: 0n,
  };
  return {
    accountId: 'a',
    sequence: 1n,
    parametersHash: 'ab'.repeat(32),
    asOfMs: 1_000,
    validUntilMs: 2_000,
    result,
  } as MarginAnswer;
};

const LARGEST_INT = 2n ** 255n - 1n;
const LARGEST_UINT = 2n ** 256n - 1n;

it('takes figures up to the ends of the types that a contract decodes', () => {
  expect(marginFigures(answer(LARGEST_INT, LARGEST_UINT)).data.slice(2, 130)).toBe(
    `7${'f'.repeat(63)}${'f'.repeat(64)}`,
  );
  expect(marginFigures(answer(-LARGEST_INT - 1n)).data.slice(2, 66)).toBe(`8${'0'.repeat(63)}`);
});

it.each([
  [LARGEST_INT + 1n, 0n],
  [-LARGEST_INT - 2n, 0n],
  [0n, LARGEST_UINT + 1n],
])('refuses figures that no contract can decode: equity %s, requirement %s', (equity, initial) => {
  expect(() => marginFigures(answer(equity, initial))).toThrow(
    expect.objectContaining({
      name: 'AttestationRefusedError',
      message: expect.stringMatching(/not-encodable: Number "-?[0-9]+" is not in safe 256-bit/),
    }),
  );
});
