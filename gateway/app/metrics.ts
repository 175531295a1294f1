import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CalibrationWatch, VolatilityForecast } from '../../models/forecast.ts';
import { PURPOSES } from '../../risk/market/verdict.ts';
import { operationsGauges } from './operations-metrics.ts';
import type { GatewayPorts } from './ports.ts';

export interface Metrics {
  readonly registry: Registry;
  /** Route is the pattern, never the path: labels stay few and name no account. */
  observeRequest(method: string, route: string, status: number, seconds: number): void;
  /** The same for requests of one kind, found once. */
  series(method: string, route: string, status: number): RequestSeries;
}

export interface RequestSeries {
  observe(seconds: number): void;
}

/** One registry per application, so that two applications in one process do not mix. */
export function createMetrics(ports: GatewayPorts): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'breakwater_http_request_duration_seconds',
    help: 'Time from the request to the answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  priceGauges(registry, ports);
  alarmCounter(registry, ports);
  forecastGauges(registry, ports);
  const { operations, clock } = ports;
  if (operations) operationsGauges(registry, { operations, clock });
  if (operations?.runs) registry.registerMetric(operations.runs.metric);
  // Looking a series up by its labels costs more than counting, and there are few.
  const known = new Map<string, RequestSeries>();
  const series = (method: string, route: string, status: number) => {
    const key = `${method} ${status} ${route}`;
    let one = known.get(key);
    if (one === undefined) {
      one = requests.labels(method, route, String(status));
      known.set(key, one);
    }
    return one;
  };
  return {
    registry,
    series,
    observeRequest: (method, route, status, seconds) => series(method, route, status).observe(seconds),
  };
}

function priceGauges(registry: Registry, ports: GatewayPorts): void {
  new Gauge({
    name: 'breakwater_price_age_seconds',
    help: 'Market time since the publish time of the robust price; absent without a price',
    labelNames: ['feed'],
    registers: [registry],
    collect() {
      this.reset();
      const nowMs = ports.clock.nowMs();
      for (const feed of ports.prices.ids()) {
        const { market } = ports.prices.get(feed);
        if (market !== null) this.set({ feed }, (nowMs - market.publishTimeMs) / 1000);
      }
    },
  });
  new Gauge({
    name: 'breakwater_price_usable',
    help: '1 while the verdict of the purpose is usable',
    labelNames: ['feed', 'purpose'],
    registers: [registry],
    collect() {
      this.reset();
      for (const feed of ports.prices.ids()) {
        const { verdicts } = ports.prices.get(feed);
        for (const purpose of PURPOSES) this.set({ feed, purpose }, verdicts[purpose].usable ? 1 : 0);
      }
    },
  });
  new Gauge({
    name: 'breakwater_source_included',
    help: '1 while the source votes in the robust price',
    labelNames: ['feed', 'source'],
    registers: [registry],
    collect() {
      this.reset();
      for (const feed of ports.prices.ids()) {
        for (const vote of ports.prices.get(feed).votes) {
          this.set({ feed, source: vote.sourceId }, vote.included ? 1 : 0);
        }
      }
    },
  });
}

function alarmCounter(registry: Registry, ports: GatewayPorts): void {
  const counter = new Counter({
    name: 'breakwater_guard_alarms_total',
    help: 'How often a guard began to bind against a feed or one of its sources',
    labelNames: ['feed', 'guard'],
    registers: [registry],
  });
  ports.prices.onAlarm?.(({ feedId: feed, guard, state }) => {
    if (state === 'raised') counter.inc({ feed, guard });
  });
}

function forecastGauges(registry: Registry, ports: GatewayPorts): void {
  const watched = (
    name: string,
    help: string,
    labels: readonly string[],
    observe: (
      forecast: VolatilityForecast,
      watch: CalibrationWatch,
      set: (labels: Record<string, string>, value: number) => void,
    ) => void,
  ) =>
    new Gauge({
      name,
      help,
      labelNames: ['asset', 'horizon_hours', 'model', ...labels],
      registers: [registry],
      collect() {
        this.reset();
        for (const asset of ports.forecasts.assets()) {
          for (const forecast of ports.forecasts.get(asset)) {
            const { watch } = forecast.calibration;
            if (watch === undefined) continue;
            const common = { asset, horizon_hours: String(forecast.horizonHours), model: forecast.model };
            observe(forecast, watch, (own, value) => this.set({ ...common, ...own }, value));
          }
        }
      },
    });
  watched(
    'breakwater_forecast_drifting',
    '1 while the calibration of the serving model drifts, 0 while it is ok; absent while unknown',
    [],
    (_, { state }, set) => {
      if (state !== 'unknown') set({}, state === 'drifting' ? 1 : 0);
    },
  );
  watched(
    'breakwater_forecast_coverage',
    'Share of the outcomes of the last 30 days at or below the issued quantile',
    ['quantile'],
    (_, { coverage }, set) => {
      for (const { p, share } of coverage) set({ quantile: String(p) }, share);
    },
  );
  watched(
    'breakwater_forecast_qlike_ratio',
    'QLIKE of the serving model over that of logHARX168, last 30 days',
    [],
    (_, { benchmark }, set) => {
      if (benchmark !== null) set({}, benchmark.ratio);
    },
  );
  watched(
    'breakwater_forecast_inputs_beyond',
    'Share of inputs whose population stability index is above its limit',
    [],
    (_, { inputs }, set) => {
      if (inputs !== null) set({}, inputs.beyond / inputs.columns);
    },
  );
  watched('breakwater_forecast_fallback', '1 while a better model does not serve', [], (forecast, _, set) =>
    set({}, typeof forecast.fallbackReason === 'string' ? 1 : 0),
  );
  new Gauge({
    name: 'breakwater_forecast_age_seconds',
    help: 'Market time since the decision time of the forecast',
    labelNames: ['asset', 'horizon_hours'],
    registers: [registry],
    collect() {
      this.reset();
      const nowMs = ports.clock.nowMs();
      for (const asset of ports.forecasts.assets()) {
        for (const forecast of ports.forecasts.get(asset)) {
          const labels = { asset, horizon_hours: String(forecast.horizonHours) };
          this.set(labels, (nowMs - forecast.asOfMs) / 1000);
        }
      }
    },
  });
}
