import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { PURPOSES } from '../../risk/market/verdict.ts';
import type { GatewayPorts } from './ports.ts';

export interface Metrics {
  readonly registry: Registry;
  /** Route is the pattern, never the path: labels stay few and name no account. */
  observeRequest(method: string, route: string, status: number, seconds: number): void;
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
  forecastGauges(registry, ports);
  // Looking a series up by its labels costs more than counting, and there are few.
  const series = new Map<string, { observe(seconds: number): void }>();
  return {
    registry,
    observeRequest: (method, route, status, seconds) => {
      const key = `${method} ${status} ${route}`;
      let one = series.get(key);
      if (one === undefined) {
        one = requests.labels(method, route, String(status));
        series.set(key, one);
      }
      one.observe(seconds);
    },
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

function forecastGauges(registry: Registry, ports: GatewayPorts): void {
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
