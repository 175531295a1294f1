import type { VolatilityForecast } from '../../models/forecast.ts';
import { advanceBuffer } from '../../risk/buffer/advance.ts';
import { type BufferParameters, bufferKey } from '../../risk/buffer/parameters.ts';
import type { BufferSchedule } from '../../risk/buffer/schedule.ts';
import { bufferTarget } from '../../risk/buffer/target.ts';
import { volatilityView } from './forecast-store.ts';
import type { RiskConfiguration } from './risk-configuration.ts';

/** Stored for an asset and horizon that the module does not buffer. */
const UNBUFFERED = { key: null } as const;

function parametersOf(configuration: RiskConfiguration, asset: string): BufferParameters | null {
  return configuration.module.bufferParameters(asset, configuration.parameters);
}

/** Is this the schedule that the configuration's module reads for its asset? */
export function isCurrentSchedule(configuration: RiskConfiguration, schedule: BufferSchedule): boolean {
  if (schedule.key === UNBUFFERED.key) return false;
  const parameters = parametersOf(configuration, schedule.asset);
  return parameters !== null && schedule.key === bufferKey(schedule.asset, parameters);
}

/**
 * The schedule after a forecast, as of the forecast's decision time, so that it does not depend on when a worker
 * got to it. A schedule made with other parameters is not continued.
 */
export function nextSchedule(
  configuration: RiskConfiguration,
  previous: BufferSchedule | null,
  forecast: VolatilityForecast,
): BufferSchedule | typeof UNBUFFERED {
  const { asset, horizonHours, asOfMs } = forecast;
  const base = parametersOf(configuration, asset);
  if (base === null) return UNBUFFERED;
  const parameters = { ...base, horizonHours };
  const held = previous?.key === bufferKey(asset, parameters) ? previous : null;
  const target = bufferTarget(asset, volatilityView(forecast), parameters, asOfMs);
  return advanceBuffer(held, target, asOfMs, parameters);
}
