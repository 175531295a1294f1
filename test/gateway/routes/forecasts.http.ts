import { describe, expect, test } from 'vitest';
import { asker, pick } from '../support/contract.ts';
import { createWorld } from '../support/gateway.ts';
import { forecastOf, NOW_MS } from '../support/market.ts';

describe('GET /v1/forecasts', () => {
  test('gives every asset as it is given alone, and nothing of the past where nothing is kept', async () => {
    const ask = asker(createWorld());
    const { json } = await ask('/v1/forecasts?issuedHours=24');
    const [btc, eth, ...more] = pick(json, 'forecasts') as object[];
    expect([btc, eth]).toEqual([
      (await ask('/v1/forecasts/BTC')).json,
      (await ask('/v1/forecasts/ETH')).json,
    ]);
    expect([more, pick(json, 'issued')]).toEqual([[], null]);
    for (const hours of ['0', '169', '1.5', 'x'])
      expect((await ask(`/v1/forecasts?issuedHours=${hours}`)).json).toMatchObject({
        status: 400,
        errors: [{ field: 'issuedHours' }],
      });
  });

  test('gives what was issued at each decision time, as it was last used', async () => {
    const hour = 3_600_000;
    const world = createWorld({
      override: (ports) => ({
        ...ports,
        forecasts: {
          ...ports.forecasts,
          issued: async ({ fromMs, toMs }) =>
            [fromMs, toMs].map((asOfMs) => ({ ...forecastOf('BTC', 24, asOfMs), onsetProbability: null })),
        },
      }),
    });
    const point = { medianVolatility: expect.closeTo(0.39708941, 8), onsetProbability: null };
    expect(pick((await asker(world)('/v1/forecasts?issuedHours=2')).json, 'issued')).toMatchObject([
      {
        asset: 'BTC',
        forecasts: [
          { ...point, asOf: new Date(NOW_MS - 2 * hour).toISOString() },
          { ...point, asOf: new Date(NOW_MS).toISOString() },
        ],
      },
    ]);
  });
});

describe('GET /v1/forecasts/{asset}', () => {
  test('gives the chosen horizons with annualised volatility', async () => {
    const { status, json } = await asker(createWorld())('/v1/forecasts/BTC?horizon=1h,24h');
    expect(status).toBe(200);
    expect(json).toMatchObject({ asset: 'BTC', modelVersion: 'logHAR@1', stale: false, reasons: [] });
    expect((pick(json, 'horizons') as { horizonHours: number }[]).map((h) => h.horizonHours)).toEqual([
      1, 24,
    ]);
    // Median: 0.9 x 2e-5 an hour; sqrt(1.8e-5 x 8760) = 0.397089..., the same at both horizons.
    for (const index of [0, 1]) {
      const median = pick(json, 'horizons', index, 'quantiles', 3) as Record<string, number>;
      expect(median.p).toBe(0.5);
      expect(median.annualisedVolatility).toBeCloseTo(0.39708941, 8);
    }
  });

  test('gives all horizons by default', async () => {
    const { json } = await asker(createWorld())('/v1/forecasts/ETH');
    expect(pick(json, 'horizons', 'length')).toBe(3);
  });

  test('a moment just ahead of the clock is refused for now, with that clock; one far ahead for good', async () => {
    const world = createWorld();
    const at = (ms: number) => `/v1/forecasts/BTC?at=${new Date(NOW_MS + ms).toISOString()}`;
    for (const [ms, wait] of [
      [1, '2'],
      [2_500, '4'],
      [60_000, '61'],
    ] as const) {
      const answer = await world.app.request(at(ms));
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([409, wait]);
      expect(await answer.json()).toMatchObject({
        type: '/errors/moment-not-settled',
        details: { settledUntil: null, marketTime: new Date(NOW_MS).toISOString() },
        errors: [{ field: 'at' }],
      });
    }
    expect((await asker(world)(at(60_001))).json).toMatchObject({
      status: 400,
      errors: [{ field: 'at', message: 'is in the future' }],
    });
  });

  test('an old forecast is stale with its age', async () => {
    const world = createWorld();
    world.nowMs += 3 * 3_600_000;
    expect((await asker(world)('/v1/forecasts/BTC')).json).toMatchObject({
      stale: true,
      validUntil: '2026-03-14T17:00:00.000Z',
      reasons: [{ code: 'forecast-expired', message: 'the last forecast is 3.00 h old', subject: 'BTC' }],
    });
  });

  test('limitations and missing parts are told', async () => {
    const world = createWorld();
    const limited = {
      ...forecastOf('BTC', 24, NOW_MS),
      referenceVariance: null,
      onsetProbability: null,
      limitations: [{ code: 'short-history', message: '90 of 365 days' }],
    };
    world.forecasts.set('BTC', [limited]);
    expect((await asker(world)('/v1/forecasts/BTC')).json).toMatchObject({
      horizons: [
        { referenceVariance: null, onsetProbability: null, limitations: [{ code: 'short-history' }] },
      ],
    });
  });

  test('says which model was passed over and how the serving one did', async () => {
    const world = createWorld();
    const plain = forecastOf('BTC', 24, NOW_MS);
    const watch = {
      state: 'drifting',
      reasons: ['99.9 % of outcomes at or below the 90.0 % quantile'],
      hours: 700,
      coverage: [{ p: 0.9, share: 0.999 }],
      benchmark: { hours: 690, ratio: 1.2, t: 4 },
      inputs: { rows: 720, columns: 81, beyond: 3, worst: { column: 'log m_1', psi: 3, limit: 2.4 } },
    } as const;
    world.forecasts.set('BTC', [
      {
        ...plain,
        fallbackReason: 'network: is being loaded',
        calibration: { ...plain.calibration, watch },
      },
    ]);
    const { json } = await asker(world)('/v1/forecasts/BTC');
    expect(json).toMatchObject({
      horizons: [{ fallbackReason: 'network: is being loaded', calibration: { ...watch } }],
    });
    const { text } = await asker(world)('/metrics');
    const labels = 'asset="BTC",horizon_hours="24",model="logHAR"';
    expect(text).toContain(`breakwater_forecast_drifting{${labels}} 1`);
    expect(text).toContain(`breakwater_forecast_coverage{${labels},quantile="0.9"} 0.999`);
    expect(text).toContain(`breakwater_forecast_qlike_ratio{${labels}} 1.2`);
    expect(text).toContain(`breakwater_forecast_fallback{${labels}} 1`);
    expect(text).toMatch(/breakwater_forecast_inputs_beyond\{.*\} 0\.037/);
    // A forecast of old was not watched.
    const { json: old } = await asker(world)('/v1/forecasts/ETH');
    expect(pick(old, 'horizons', 0)).toMatchObject({
      fallbackReason: null,
      calibration: { state: 'unknown', hours: 0, benchmark: null },
    });
  });

  test('a number that is not one becomes a 500, never null', async () => {
    const world = createWorld();
    world.forecasts.set('BTC', [{ ...forecastOf('BTC', 24), meanVariance: Number.NaN }]);
    const { status, text } = await asker(world)('/v1/forecasts/BTC');
    expect(status).toBe(500);
    expect(text).not.toContain('meanVariance');
  });

  test('unknown asset 404, no forecast yet 503 with Retry-After, wrong horizon 400', async () => {
    const world = createWorld();
    world.forecasts.set('SOL', []);
    const ask = asker(world);
    expect((await ask('/v1/forecasts/DOGE')).json).toMatchObject({
      status: 404,
      type: '/errors/unknown-asset',
    });
    const none = await ask('/v1/forecasts/SOL');
    expect(none.json).toMatchObject({ status: 503, type: '/errors/forecast-unavailable' });
    expect(none.headers.get('retry-after')).toBe('1');
    for (const horizon of ['2h', '1h,', '24', 'H']) {
      expect((await ask(`/v1/forecasts/BTC?horizon=${horizon}`)).json).toMatchObject({
        status: 400,
        errors: [{ field: 'horizon', message: 'must be of 1h, 4h, 24h, comma-separated' }],
      });
    }
  });
});
