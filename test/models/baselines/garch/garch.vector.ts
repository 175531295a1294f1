import { describe, expect, it } from 'vitest';
import { noVectors, vectorsOf } from '../../../conformance/files.ts';
import { run as runArch } from '../../../conformance/models/garch-arch.ts';
import { run as runFcp } from '../../../conformance/models/garch-fcp.ts';

describe('GARCH fits of others', () => {
  it.skipIf(noVectors('garch-fcp'))(
    'the published GARCH(1,1) benchmark is reached on every parameter',
    () => {
      expect(runFcp(vectorsOf('garch-fcp'))).toMatchObject({ passed: 5, total: 5, failures: [] });
    },
  );

  it.skipIf(noVectors('garch-arch'))(
    'GARCH, GJR and TARCH fits are reached: filters, forecasts, maxima',
    () => {
      expect(runArch(vectorsOf('garch-arch'))).toMatchObject({ passed: 12, total: 12, failures: [] });
    },
  );
});
