import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ForecastStore } from '../../gateway/engine/forecast-store.ts';
import { forecastDto } from '../../gateway/schemas/forecast.ts';
import { FundingSeries } from '../../models/features/funding-series.ts';
import { HourlyGrid } from '../../models/features/hourly-grid.ts';
import { HORIZONS_HOURS, type VolatilityForecast } from '../../models/forecast.ts';
import { BACKENDS } from '../../models/network/loader.ts';
import { NetworkColumns } from '../../models/network/network-columns.ts';
import { createForecaster, type Forecaster } from '../../models/serving/forecaster.ts';
import { loadModels } from '../../models/serving/load-models.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';
import { cpuSeconds, machine, median, printTable } from '../timing.ts';
import { BENCH_START_MS, benchBars } from './data.ts';

const ASSETS = 20;
/** 13.6 months and the hours that are measured. */
const HISTORY_HOURS = 9_900;
const MEASURED_HOURS = 24;
const TRAINING_HOURS = 30_000;

/** Forecasts of the goals of the specification; one core, TensorFlow.js on WASM. */
export async function run(): Promise<void> {
  console.log(machine());
  const forecasts = await refresh();
  answers(forecasts);
  features();
  await training();
}

/** One more hour for 20 assets and 3 horizons, everything included: features, refits when due, network, calibration. */
async function refresh(): Promise<readonly VolatilityForecast[]> {
  const fromMs = BENCH_START_MS + 8_700 * MS_PER_HOUR;
  const loaded = await loadModels({ backends: ['wasm'], simulated: true, fromMs });
  const forecasters: Forecaster[] = [];
  const bars = Array.from({ length: ASSETS }, (_, a) => benchBars(HISTORY_HOURS + MEASURED_HOURS, a + 1));
  const started = performance.now();
  for (const [a, list] of bars.entries()) {
    const context = { other: null, funding: new FundingSeries() };
    const forecaster = createForecaster(`A${a}`, loaded.models(context, `A${a}`));
    for (const bar of list.slice(0, HISTORY_HOURS)) forecaster.push(bar);
    forecasters.push(forecaster);
  }
  const build = (performance.now() - started) / 1000;
  const times: number[] = [];
  const models = new Set<string>();
  let last: readonly VolatilityForecast[] = [];
  for (let hour = 0; hour < MEASURED_HOURS; hour++) {
    times.push(
      1000 *
        cpuSeconds(() => {
          forecasters.forEach((forecaster, a) => {
            forecaster.push(bars[a]![HISTORY_HOURS + hour]!);
            last = forecaster.current();
            models.add(last[0]!.model);
          });
        }),
    );
  }
  console.log(
    `refresh of ${ASSETS} assets x ${HORIZONS_HOURS.length} horizons (${loaded.network?.library}, ${[...models].join(', ')} served): ` +
      `median ${median(times).toFixed(1)} ms, longest ${Math.max(...times).toFixed(1)} ms CPU over ${MEASURED_HOURS} hours; goal 100 ms`,
  );
  console.log(
    `state of one asset from ${HISTORY_HOURS} hours, the network on the last 1200: ${(build / ASSETS).toFixed(2)} s`,
  );
  return last;
}

function answers(forecasts: readonly VolatilityForecast[]): void {
  const store = new ForecastStore();
  const asset = forecasts[0]!.asset;
  store.setForecasts(asset, forecasts);
  const nowMs = forecasts[0]!.asOfMs + 1000;
  const repeats = 20_000;
  let checksum = 0;
  const per = (work: () => void) => (1e6 * cpuSeconds(work)) / repeats;
  const held = per(() => {
    for (let i = 0; i < repeats; i++) checksum += store.forecasts(asset)[i % 3]!.meanVariance;
  });
  const answer = per(() => {
    for (let i = 0; i < repeats; i++) {
      const [first, ...rest] = store.forecasts(asset);
      checksum += JSON.stringify(forecastDto(asset, [first!, ...rest], nowMs, 7_200_000)).length;
    }
  });
  if (!(checksum > 0)) throw new Error('no forecast was read');
  console.log(
    `single forecast from memory: ${held.toFixed(3)} us; as the JSON of its answer, 3 horizons: ${answer.toFixed(1)} us; goal 100 us`,
  );
}

/** Features of the network for one more bar after histories of different length: the cost must not grow with them. */
function features(): void {
  const rows = [['hours of history', 'median us per bar', 'mean us without refits']];
  const longest = 100_000;
  const bars = benchBars(longest + 300, 7);
  const grid = new HourlyGrid();
  const columns = new NetworkColumns({ other: null, funding: new FundingSeries() });
  const marks = new Set([1_000, 10_000, longest]);
  let times: number[] | null = null;
  for (const [i, bar] of bars.entries()) {
    if (marks.has(i)) times = [];
    const before = process.hrtime.bigint();
    grid.push(bar);
    columns.push(grid, i);
    if (times === null) continue;
    times.push(Number(process.hrtime.bigint() - before) / 1000);
    if (times.length < 300) continue;
    const usual = [...times].sort((a, b) => a - b).slice(0, 290);
    rows.push([
      String(i + 1 - 300),
      median(times).toFixed(1),
      (usual.reduce((sum, x) => sum + x, 0) / usual.length).toFixed(1),
    ]);
    times = null;
  }
  console.log('features of the network for one new bar:');
  printTable(rows);
}

async function training(): Promise<void> {
  const rows = [['backend', 'library', 'rows', 'one epoch, s', 'peak memory, MB', 'of which inputs']];
  for (const backend of BACKENDS) {
    // Plain CPU needs minutes for what the others do in seconds.
    const hours = backend === 'cpu' ? 11_000 : TRAINING_HOURS;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import',
      'tsx',
      join(import.meta.dirname, 'train-once.ts'),
      backend,
      String(hours),
    ]);
    const found = JSON.parse(stdout) as Record<string, number | string>;
    if (found.absent !== undefined) {
      rows.push([backend, 'does not load', '-', '-', '-', '-']);
      continue;
    }
    const number = (name: string, digits: number) => Number(found[name]).toFixed(digits);
    rows.push([
      backend,
      String(found.library),
      number('rows', 0),
      number('seconds', 2),
      number('peakMegabytes', 0),
      number('beforeMegabytes', 0),
    ]);
  }
  console.log(
    'training, one member, one epoch, batches of 2048 (a release trains five members of up to eight):',
  );
  printTable(rows);
}
