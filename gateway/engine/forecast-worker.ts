import { parentPort, workerData } from 'node:worker_threads';
import type { FundingPayment } from '../../models/data/funding-file.ts';
import type { HourlyBar } from '../../models/forecast.ts';
import type { LoadModelsOptions } from '../../models/serving/load-models.ts';
import { ForecastDesk, type SeriesUpdate, type ServingModels } from './forecast-desk.ts';

/** What the thread is told. */
export type ForecastMessage =
  | { readonly kind: 'bars'; readonly update: SeriesUpdate<HourlyBar> }
  | { readonly kind: 'funding'; readonly update: SeriesUpdate<FundingPayment> }
  | { readonly kind: 'promote'; readonly candidate: string }
  | { readonly kind: 'review'; readonly id: number }
  | { readonly kind: 'forecast'; readonly id: number; readonly asset: string };

/** What the thread tells. */
export type ForecastReply =
  | { readonly kind: 'answer'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: unknown }
  | { readonly kind: 'loaded'; readonly models: ServingModels }
  | { readonly kind: 'ready'; readonly asset: string };

/** Quiet after the last request before the next state is built: requests go first. */
const QUIET_MS = 300;

const port = parentPort;
if (port !== null) {
  const tell = (reply: ForecastReply) => port.postMessage(reply);
  const desk = new ForecastDesk(workerData as LoadModelsOptions);
  let timer: NodeJS.Timeout | undefined;
  let loading = false;

  const prepare = async () => {
    if (loading) return;
    if (!desk.loaded) {
      loading = true;
      tell({ kind: 'loaded', models: await desk.load() });
      loading = false;
    }
    const asset = desk.prepare();
    if (asset !== null) tell({ kind: 'ready', asset });
    if (desk.waiting) soon();
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void prepare(), QUIET_MS);
  };

  port.on('message', (message: ForecastMessage) => {
    if (message.kind === 'bars') desk.takeBars(message.update);
    else if (message.kind === 'funding') desk.takeFunding(message.update);
    else if (message.kind === 'promote') desk.promote(message.candidate);
    else {
      const { id } = message;
      try {
        const result = message.kind === 'review' ? desk.review() : desk.forecast(message.asset);
        tell({ kind: 'answer', id, result });
      } catch (error) {
        tell({ kind: 'failed', id, error });
      }
    }
    if (desk.waiting) soon();
  });
}
