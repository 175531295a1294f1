import type { VolatilityForecast } from '../../models/forecast.ts';
import { advanceBuffer } from '../../risk/buffer/advance.ts';
import { bufferKey } from '../../risk/buffer/parameters.ts';
import type { BufferSchedule } from '../../risk/buffer/schedule.ts';
import { bufferTarget } from '../../risk/buffer/target.ts';
import { volatilityView } from './forecast-store.ts';
import type { RiskModel } from './risk-configuration.ts';

/** Name under which the configuration's buffer of an asset is stored; null where the module does not buffer it. */
export function scheduleKey({ module, parameters }: RiskModel, asset: string): string | null {
  const buffer = module.bufferParameters(asset, parameters);
  return buffer === null ? null : bufferKey(asset, buffer);
}

/**
 * The schedule after a forecast, as of the forecast's decision time, so that it does not depend on when a worker
 * got to it; null for a horizon that the buffer does not go by.
 */
export function nextSchedule(
  { module, parameters }: RiskModel,
  previous: BufferSchedule | null,
  forecast: VolatilityForecast,
): BufferSchedule | null {
  const { asset, horizonHours, asOfMs } = forecast;
  const buffer = module.bufferParameters(asset, parameters);
  if (buffer === null || buffer.horizonHours !== horizonHours) return null;
  return advanceBuffer(
    previous,
    bufferTarget(asset, volatilityView(forecast), buffer, asOfMs),
    asOfMs,
    buffer,
  );
}
