import { beforeAll, describe, expect, it } from 'vitest';
import type { FundingPayment } from '../../../models/data/funding-file.ts';
import { harxContext } from '../../../models/features/asset-context.ts';
import { HARX_COLUMNS, writeHarxColumns } from '../../../models/features/harx-columns.ts';
import { HourlyGrid } from '../../../models/features/hourly-grid.ts';
import type { HourlyBar, VolatilityForecast } from '../../../models/forecast.ts';
import { loadArtifact } from '../../../models/network/artifact.ts';
import { loadTensorFlow } from '../../../models/network/loader.ts';
import { NetworkColumns } from '../../../models/network/network-columns.ts';
import { createForecaster } from '../../../models/serving/forecaster.ts';
import { SHIPPED_ARTIFACT_DIR } from '../../../models/serving/load-models.ts';
import { linearModels, type ModelFactory } from '../../../models/serving/market-forecaster.ts';
import { networkModels } from '../../../models/serving/network-models.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { START_MS, syntheticBars } from '../synthetic.ts';

const HOURS = 10_000;
const AFTER = 60;
/** The last row that both histories share. */
const LAST = HOURS - AFTER - 1;
const decisionMs = START_MS + (LAST + 1) * MS_PER_HOUR;

interface World {
  readonly eth: readonly HourlyBar[];
  readonly btc: readonly HourlyBar[];
  readonly funding: readonly FundingPayment[];
}

const payments = Array.from({ length: Math.ceil(HOURS / 8) }, (_, k) => ({
  tsMs: START_MS + k * 8 * MS_PER_HOUR,
  rate: 1e-6 * (k % 90),
}));
const original: World = {
  eth: syntheticBars(HOURS, 211),
  btc: syntheticBars(HOURS, 212),
  funding: payments,
};
/** Everything after the decision time is another market: own bars, the other coin's, funding; some hours are gone. */
const changed = (bars: readonly HourlyBar[], seed: number) => [
  ...bars.slice(0, LAST + 1),
  ...syntheticBars(AFTER, seed, START_MS + (LAST + 1) * MS_PER_HOUR)
    .map((bar) => ({ ...bar, high: bar.high * 3, volume: bar.volume * 50 }))
    .filter((_, i) => i % 7 !== 3),
];
const altered: World = {
  eth: changed(original.eth, 213),
  btc: changed(original.btc, 214),
  funding: payments.map((one) => (one.tsMs <= decisionMs ? one : { ...one, rate: 9e-3 })),
};
/** The context holds the whole histories, future included, as a batch run does. */
const contextOf = ({ eth, btc, funding }: World) =>
  harxContext(
    'ETH',
    new Map([
      ['ETH', { bars: eth, funding }],
      ['BTC', { bars: btc, funding: null }],
    ]),
  );

describe('nothing after a decision time changes anything at or before it', { timeout: 240_000 }, () => {
  it('features: those of logHARX168 and of the network, with the whole future at hand', () => {
    const rows = (world: World) => {
      const context = contextOf(world);
      const grid = new HourlyGrid();
      const columns = new NetworkColumns(context);
      const seen: number[][] = [];
      const harx = new Float64Array(HARX_COLUMNS.length);
      for (const bar of world.eth) {
        const from = grid.length;
        grid.push(bar);
        for (let i = from; i < grid.length; i++) {
          columns.push(grid, i);
          if (i < LAST - 50 || i > LAST + 5) continue;
          writeHarxColumns(grid, i, context, harx);
          seen.push([...harx, ...columns.dense, ...columns.base, columns.utcCell, columns.newYorkCell]);
        }
      }
      return seen;
    };
    const [a, b] = [rows(original), rows(altered)];
    expect(a.slice(0, 51)).toEqual(b.slice(0, 51));
    expect(a[0]!.every(Number.isFinite)).toBe(true);
    expect(a[51]).not.toEqual(b[51]);
  });

  describe('forecasts with their calibration, drift and fallback', () => {
    let network: ModelFactory;
    beforeAll(async () => {
      const artifact = await loadArtifact(SHIPPED_ARTIFACT_DIR);
      const { tf } = await loadTensorFlow(['wasm']);
      network = networkModels(tf, artifact, { simulated: true });
    });
    const walk = (world: World, factory: ModelFactory) => {
      const forecaster = createForecaster('ETH', factory(contextOf(world), 'ETH'));
      const seen: (readonly VolatilityForecast[])[] = [];
      for (const bar of world.eth) {
        forecaster.push(bar);
        const row = forecaster.hours - 1;
        if (row >= LAST - 40 && row <= LAST + 2) seen.push(forecaster.current());
      }
      return seen;
    };

    it.each([
      ['network', () => network],
      ['logHARX168', () => linearModels],
    ] as const)('%s', (name, factory) => {
      const [a, b] = [walk(original, factory()), walk(altered, factory())];
      expect(a[0]![0]!.model).toBe(name);
      expect(a.slice(0, 41)).toEqual(b.slice(0, 41));
      expect(a[41]).not.toEqual(b[41]);
    });
  });
});
