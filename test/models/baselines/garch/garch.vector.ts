import { describe, expect, it } from 'vitest';
import { checks as archChecks } from '../../../conformance/models/garch-arch.ts';
import { checks as fcpChecks } from '../../../conformance/models/garch-fcp.ts';
import { relativeError, vectorDirectory } from '../../../conformance/models/garch-vectors.ts';

const fcp = vectorDirectory('garch-fcp');
const arch = vectorDirectory('garch-arch');

describe.skipIf(fcp === null)('the published GARCH(1,1) benchmark', () => {
  it('is reached on every parameter', () => {
    for (const check of fcpChecks(fcp!))
      expect(relativeError(check), check.label).toBeLessThanOrEqual(check.tolerance);
  });
});

describe.skipIf(arch === null)('GARCH, GJR and TARCH fits of another implementation', () => {
  it('are reached, with likelihoods, volatilities and forecasts', () => {
    for (const check of archChecks(arch!))
      expect(relativeError(check), check.label).toBeLessThanOrEqual(check.tolerance);
  });
});
