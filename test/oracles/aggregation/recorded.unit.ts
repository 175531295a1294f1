import { describe, expect, it } from 'vitest';
import { DIGEST_CLASSES, digestOfEvaluations } from '../support/evaluations.ts';

/*
 * What the evaluation answered to twelve thousand random moments when version 6 of it was released: prices, verdicts,
 * votes, reasons, alarms and what is remembered, to the last bit. A change that makes it faster leaves these as they
 * are; one that changes an answer steps `GUARD_LIMITS.evaluation` and says why.
 */
const RECORDED: Readonly<Record<string, object>> = {
  null: { digest: 'ffa95d09a1d61197875df9f9005d4381', formed: 1957, usable: 1947, reasons: 2963 },
  major: { digest: 'f943c0333ba81c045c989f8b7d06d4de', formed: 1708, usable: 399, reasons: 5220 },
  stable: { digest: '279d916871ee369c93e3e1ca39ee6201', formed: 1484, usable: 137, reasons: 4806 },
  lst: { digest: 'cf7fad3b3e20fb9691cc109544320e9b', formed: 1693, usable: 312, reasons: 4696 },
  longtail: { digest: '32146792cdd12b51b4e400626f5551f5', formed: 1469, usable: 325, reasons: 4545 },
  fx: { digest: 'c0150fc4caf0adeaf37ec59d99c2c7c5', formed: 1622, usable: 159, reasons: 4417 },
};

describe('recorded evaluations', () => {
  it.each(DIGEST_CLASSES.map((assetClass, index) => ({ assetClass, index })))(
    'class $assetClass answers as recorded',
    ({ assetClass, index }) => {
      expect(digestOfEvaluations(assetClass, 1000 + index, 20, 100)).toEqual(RECORDED[String(assetClass)]);
    },
  );
});
