import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { InvalidRequestError } from '../../app/errors.ts';
import { jsonBody } from '../../app/middleware/json-body.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { VenueData } from '../../engine/venue-data.ts';
import { expiryIssues, requireNoArbitrage, timeIssues } from '../../engine/venue-data-check.ts';
import { marketParams } from '../../schemas/market.ts';
import { BODY_PROBLEMS, problems } from '../../schemas/problem.ts';
import { putVenueDataResultSchema, usedVenueDataDto } from '../../schemas/stored-venue-data.ts';
import { venueDataBody, venueDataOf } from '../../schemas/venue-data.ts';
import { requireMarket } from './require-market.ts';

/** A venue's clock may be this far ahead of ours; its data then count as made now. */
const CLOCK_SKEW_MS = 5_000;

function defineRoute(maxBodyBytes: number) {
  return createRoute({
    middleware: [noQuery, ...jsonBody(maxBodyBytes)],
    method: 'put',
    path: '/v1/markets/{market}/data',
    operationId: 'putMarketData',
    tags: ['markets'],
    summary:
      'What the venue knows better about a market: surface, forwards, funding, settlement prices, depth, totals',
    description:
      'Replaces what was there. The sequence number must grow with every update: an older update never overwrites a ' +
      'newer one. Data are used until `maxAgeSeconds` after `asOf`; then the positions that need them fail with a ' +
      'reason. A surface that allows an arbitrage is refused as a whole.',
    request: {
      params: marketParams,
      body: { required: true, content: { 'application/json': { schema: venueDataBody } } },
    },
    responses: {
      200: { description: 'Stored.', content: { 'application/json': { schema: putVenueDataResultSchema } } },
      ...problems(404, 409, 422, 503, ...BODY_PROBLEMS),
    },
  });
}

export function putMarketData(app: GatewayApp, { ports, maxBodyBytes }: RouteContext): void {
  app.openapi(defineRoute(maxBodyBytes), async (c) => {
    const { market } = c.req.valid('param');
    const kind = requireMarket(ports, market);
    const body = c.req.valid('json');
    const { data, maxAgeMs } = venueDataOf(body);
    const nowMs = ports.clock.nowMs();
    const givenMs = Date.parse(body.asOf);
    if (givenMs > nowMs + CLOCK_SKEW_MS) {
      const message = `is in the future: market time is ${new Date(nowMs).toISOString()}`;
      throw new InvalidRequestError([{ field: 'asOf', message }]);
    }
    const asOfMs = Math.min(givenMs, nowMs);
    const issues = [...kindIssues(data, kind), ...expiryIssues(data, asOfMs), ...timeIssues(data, asOfMs)];
    if (nowMs - asOfMs > maxAgeMs) {
      const message = `is older than maxAgeSeconds: market time is ${new Date(nowMs).toISOString()}`;
      issues.push({ field: 'asOf', message });
    }
    if (issues.length > 0) throw new InvalidRequestError(issues);
    requireNoArbitrage(data, asOfMs);
    const protocol = c.get('protocol');
    const stored = { protocol, market, sequence: BigInt(body.sequence), asOfMs, maxAgeMs, data };
    const { replayed } = await ports.venueData.put(stored);
    return c.json({ ...usedVenueDataDto(stored, ports.clock.nowMs()), replayed }, 200);
  });
}

/** Fields that say nothing about a market of this kind would be without effect, so they are refused. */
function kindIssues(data: VenueData, kind: 'options' | 'perp' | 'collateral') {
  const given: [string, boolean, boolean][] = [
    ['expiries', data.expiries !== null, kind === 'options'],
    ['fundingRate', data.fundingRate !== null, kind === 'perp'],
    ['settlements', data.settlements !== undefined, kind === 'options'],
    ['openInterest', data.openInterestWad !== null, kind === 'perp'],
    ['depth', data.depth !== null, kind === 'perp'],
    ['supplied', data.suppliedWad !== undefined, kind === 'collateral'],
    ['borrowed', data.borrowedWad !== undefined, kind === 'collateral'],
    ['settlementPrice', data.settlementWad !== null, kind === 'perp'],
  ];
  return given.flatMap(([field, isGiven, fits]) =>
    isGiven && !fits ? [{ field, message: `says nothing about a market of kind ${kind}` }] : [],
  );
}
