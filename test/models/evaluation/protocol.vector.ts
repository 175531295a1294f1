import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLogHar } from '../../../models/baselines/log-har.ts';
import { createLogHarx168 } from '../../../models/baselines/log-harx168.ts';
import { type AssetData, loadAsset } from '../../../models/data/data-directory.ts';
import { scoreWalk } from '../../../models/evaluation/score-walk.ts';
import { walkAsset } from '../../../models/evaluation/walk.ts';
import { harxContext } from '../../../models/features/asset-context.ts';

const DATA = join(import.meta.dirname, '../../../../shared/data/market');
const range = { fromMs: Date.UTC(2024, 0, 1), toMs: Date.UTC(2025, 5, 29) };

/** QLIKE at 1, 4 and 24 h, 2024-01-01..2025-06-29, by an independent implementation of the same protocol. */
const EXPECTED = {
  BTC: { logHAR: [0.5054, 0.3894, 0.267], logHARX168: [0.4488, 0.3031, 0.1972] },
  ETH: { logHAR: [0.506, 0.3825, 0.2987], logHARX168: [0.4459, 0.3059, 0.2359] },
  SOL: { logHAR: [0.401, 0.2924, 0.2133], logHARX168: [0.3465, 0.2327, 0.1712] },
} as const;

describe.skipIf(!existsSync(DATA))('the protocol on market data', () => {
  it.each(Object.keys(EXPECTED) as (keyof typeof EXPECTED)[])(
    '%s: QLIKE within one hundredth of the reference',
    async (asset) => {
      const names = new Set<string>([asset, 'BTC', 'ETH']);
      const data = new Map<string, AssetData>();
      for (const name of names) data.set(name, await loadAsset(DATA, name));
      const models = [createLogHar(), createLogHarx168(harxContext(asset, data))];
      const { horizons } = scoreWalk(walkAsset(asset, data.get(asset)!.bars, models, range));
      for (const one of horizons) {
        expect(one.n).toBe(13_080);
        const expected = EXPECTED[asset][one.model as 'logHAR'][[1, 4, 24].indexOf(one.horizonHours)]!;
        expect(
          Math.abs(one.qlike / expected - 1),
          `${one.model} ${one.horizonHours} h ${one.qlike}`,
        ).toBeLessThan(0.01);
      }
    },
  );
});
