import { describe, expect, it } from 'vitest';
import { noVectors, vectorsOf } from '../../conformance/files.ts';
import { run as runFixtures } from '../../conformance/oracles/pyth-hermes-fixtures.ts';
import { run as runUpdates } from '../../conformance/oracles/pyth-updates.ts';

describe.skipIf(noVectors('pyth-updates'))('real Pyth updates', () => {
  it('six verify with 13 of 19 signers, the one with a bad merkle proof does not', () => {
    expect(runUpdates(vectorsOf('pyth-updates'))).toMatchObject({ passed: 7, total: 7, failures: [] });
  });
});

describe.skipIf(noVectors('pyth-hermes-fixtures'))('Hermes fixtures', () => {
  it('verify; TWAP messages are skipped', () => {
    expect(runFixtures(vectorsOf('pyth-hermes-fixtures'))).toMatchObject({
      passed: 4,
      total: 4,
      failures: [],
    });
  });
});
