import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { SignerSet } from '../../../oracles/config/feeds.ts';
import { BreakwaterError } from '../../../risk/errors.ts';
import { buildSlot, type PublishedPrice } from './accumulator.ts';
import { type LatestPrice, priceFeedJson, priceUpdateJson } from './hermes-json.ts';
import { type PriceQuery, parsePriceQuery, RequestRefused } from './request.ts';
import type { DevelopmentSigner } from './signer.ts';

/**
 * What the server does wrong on purpose: an error status on every request, streams and requests that stay open and
 * silent, bytes that are no update, a server event named `error` in place of
 * each update, or connections that are closed before an answer.
 */
export type HermesFault =
  | 'none'
  | 'status-404'
  | 'status-429'
  | 'status-500'
  | 'half-open'
  | 'garbage'
  | 'error-event'
  | 'refuse';

export interface HermesServerOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host: string;
  readonly signer: DevelopmentSigner;
  /** When set, requests without `Authorization: Bearer <key>` get 401, as from the live Hermes. */
  readonly apiKey?: string;
  /** Names by price id for `/v2/price_feeds`, e.g. `BTC-USD`. */
  readonly symbols?: ReadonlyMap<string, string>;
  readonly firstSlot?: bigint;
  /** Seconds that a 429 asks the client to wait, in its `Retry-After`. */
  readonly retryAfterSeconds?: number;
  readonly logger?: { debug(fields: object, message: string): void };
}

export interface HermesServer {
  readonly url: string;
  readonly signerSet: SignerSet;
  /** Signs the prices as one slot and sends them to the streams. Prices not given keep their last value. */
  publish(prices: readonly PublishedPrice[]): void;
  fault(kind: HermesFault): void;
  /** Ends all streams as the live server does after 24 hours. */
  cutStreams(): void;
  readonly streams: number;
  readonly requests: number;
  stop(): Promise<void>;
}

/** The port is taken or the host cannot be bound. */
export class HermesServerError extends BreakwaterError {
  override readonly name = 'HermesServerError';
  constructor(host: string, port: number, cause: Error) {
    super(`the Hermes-wire server cannot listen on ${host}:${port}: ${cause.message}`, {
      type: 'hermes-server-listen',
      kind: 'unavailable',
      details: { host, port },
      retryable: false,
      cause,
    });
  }
}

interface Stream {
  readonly query: PriceQuery;
  readonly response: ServerResponse;
}

const GARBAGE = '{"binary":{"encoding":"hex","data":["504e4155deadbeef"]},"parsed":[{"id":';

/**
 * A server with the paths and JSON of Pyth's Hermes, whose updates are genuine accumulator messages of a
 * development signer set. For the demo and for tests; it binds what it is told and holds nothing on disk.
 * @throws HermesServerError
 */
export async function startHermesServer(options: HermesServerOptions): Promise<HermesServer> {
  const { signer, apiKey, symbols } = options;
  const latest = new Map<string, LatestPrice>();
  const streams = new Set<Stream>();
  const sockets = new Set<Socket>();
  let slot = options.firstSlot ?? 250_000_000n;
  let fault: HermesFault = 'none';
  let requests = 0;

  const send = (response: ServerResponse, status: number, type: string, body: string): void => {
    response.writeHead(status, { 'content-type': type, 'access-control-allow-origin': '*' }).end(body);
  };
  const json = (response: ServerResponse, body: unknown): void =>
    send(response, 200, 'application/json', JSON.stringify(body));

  /** What is known of the ids asked for. @throws RequestRefused 404 on an unknown one, unless they are ignored. */
  function select(query: PriceQuery): LatestPrice[] {
    const unknown = query.ids.filter((id) => !latest.has(id));
    if (unknown.length > 0 && !query.ignoreInvalid) {
      throw new RequestRefused(404, `Price ids not found: ${unknown.join(', ')}`);
    }
    return query.ids.flatMap((id) => latest.get(id) ?? []);
  }

  function write(stream: Stream, prices: readonly LatestPrice[]): void {
    if (fault === 'half-open' || fault === 'refuse') return;
    const { encoding, parsed } = stream.query;
    const data = fault === 'garbage' ? GARBAGE : JSON.stringify(priceUpdateJson(prices, encoding, parsed));
    const event = fault === 'error-event' ? 'event:error\ndata:the feed is not available' : `data:${data}`;
    stream.response.write(`${event}\n\n`);
  }

  function openStream(query: PriceQuery, response: ServerResponse): void {
    select(query);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    response.write(':\n\n');
    const stream = { query, response };
    streams.add(stream);
    response.on('close', () => streams.delete(stream));
  }

  function route(url: URL, response: ServerResponse): void {
    if (url.pathname === '/live' || url.pathname === '/ready') send(response, 200, 'text/plain', 'OK');
    else if (url.pathname === '/v2/price_feeds') {
      const asked = (url.searchParams.get('query') ?? '').toLowerCase();
      const feeds = [...latest.keys()].map((id) => priceFeedJson(id, symbols?.get(id)));
      json(
        response,
        feeds.filter((feed) => feed.attributes.symbol.toLowerCase().includes(asked)),
      );
    } else if (url.pathname === '/v2/updates/price/latest') {
      const query = parsePriceQuery(url.searchParams);
      if (fault === 'garbage') send(response, 200, 'application/json', GARBAGE);
      else json(response, priceUpdateJson(select(query), query.encoding, query.parsed));
    } else if (url.pathname === '/v2/updates/price/stream') {
      openStream(parsePriceQuery(url.searchParams), response);
    } else throw new RequestRefused(404, 'Not found');
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    requests += 1;
    const url = new URL(request.url ?? '/', 'http://hermes');
    try {
      if (fault === 'status-404') throw new RequestRefused(404, 'Not found');
      if (fault === 'status-429') {
        if (options.retryAfterSeconds !== undefined)
          response.setHeader('retry-after', options.retryAfterSeconds);
        throw new RequestRefused(429, 'Too many requests');
      }
      if (fault === 'status-500') throw new RequestRefused(500, 'Internal server error');
      // Half-open: accepted and never answered; streams open and stay silent.
      if (fault === 'half-open' && !url.pathname.endsWith('/stream')) return;
      if (
        apiKey !== undefined &&
        url.pathname.startsWith('/v2/') &&
        request.headers.authorization !== `Bearer ${apiKey}`
      ) {
        throw new RequestRefused(401, 'Unauthorized');
      }
      route(url, response);
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error;
      send(response, error.status, 'text/plain', error.message);
    }
  }

  const server = createServer(handle);
  server.on('connection', (socket) => {
    if (fault === 'refuse') {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: Error) => reject(new HermesServerError(options.host, options.port, cause));
    server.once('error', failed).listen(options.port, options.host, () => {
      server.off('error', failed);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;

  return {
    url: `http://${host}:${port}`,
    signerSet: signer.signerSet,
    get streams() {
      return streams.size;
    },
    get requests() {
      return requests;
    },
    publish(prices) {
      if (prices.length === 0) return;
      slot += 1n;
      const accumulator = buildSlot(signer, slot, prices);
      const published = new Map(
        prices.map((price, index): [string, LatestPrice] => [
          price.priceId.toLowerCase(),
          { price, index, accumulator },
        ]),
      );
      for (const [id, price] of published) latest.set(id, price);
      for (const stream of streams) {
        const wanted = stream.query.ids.flatMap((id) => published.get(id) ?? []);
        if (wanted.length > 0) write(stream, wanted);
      }
      options.logger?.debug({ slot: `${slot}`, prices: prices.length, streams: streams.size }, 'published');
    },
    fault(kind) {
      fault = kind;
      // A refused peer loses what it has open; a half-open one keeps it and hears nothing.
      if (kind === 'refuse') for (const socket of sockets) socket.destroy();
    },
    cutStreams() {
      for (const { response } of streams) response.end();
      streams.clear();
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
