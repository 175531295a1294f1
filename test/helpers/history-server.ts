import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HourlyBar } from '../../models/forecast.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';

/** What goes wrong with an answer. */
export interface HistoryFaults {
  /** Statuses of the next requests, e.g. [429, 500]; `retryAfter` goes with them, in seconds. */
  statuses: number[];
  retryAfter: string | null;
  /** Changes the rows of every answer before it is sent. */
  rows: (rows: unknown[]) => unknown[];
  /** Wall time before an answer. */
  delayMs: number;
}

export interface HistoryServer {
  readonly url: string;
  /** Path and query of every request. */
  readonly requests: URL[];
  readonly faults: HistoryFaults;
  stop(): Promise<void>;
}

/**
 * Plays Binance's klines and funding rates, Coinbase's candles and TradingView's history protocol from given bars, in the wire format of
 * each: numbers as text or not, order, units, ends included or not, most rows per answer.
 */
export async function startHistoryServer(
  bars: readonly HourlyBar[],
  payments: readonly { readonly tsMs: number; readonly rate: number }[] = [],
): Promise<HistoryServer> {
  const requests: URL[] = [];
  const faults: HistoryFaults = { statuses: [], retryAfter: null, rows: (rows) => rows, delayMs: 0 };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://history');
    requests.push(url);
    const status = faults.statuses.shift();
    const send = () => {
      if (status !== undefined) {
        response.writeHead(status, faults.retryAfter === null ? {} : { 'retry-after': faults.retryAfter });
        response.end('{"code":-1003,"msg":"Too many requests"}');
        return;
      }
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer(url, bars, payments, faults)));
    };
    setTimeout(send, faults.delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    faults,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  url: URL,
  bars: readonly HourlyBar[],
  payments: readonly { readonly tsMs: number; readonly rate: number }[],
  { rows }: HistoryFaults,
): unknown {
  const query = (name: string) => url.searchParams.get(name) ?? '';
  if (url.pathname === '/api/v3/klines') {
    const [from, to] = [Number(query('startTime')), Number(query('endTime'))];
    const found = bars.filter(({ tsMs }) => tsMs >= from && tsMs <= to).slice(0, Number(query('limit')));
    return rows(
      found.map((b) => [
        b.tsMs,
        ...[b.open, b.high, b.low, b.close, b.volume].map(String),
        b.tsMs + MS_PER_HOUR - 1,
        String(b.volume * b.close),
        42,
        '0',
        '0',
        '0',
      ]),
    );
  }
  if (url.pathname === '/fapi/v1/fundingRate') {
    const [from, to] = [Number(query('startTime')), Number(query('endTime'))];
    const found = payments.filter(({ tsMs }) => tsMs + 3 >= from && tsMs + 3 <= to);
    return rows(
      found.slice(0, Number(query('limit'))).map(({ tsMs, rate }) => ({
        symbol: query('symbol'),
        fundingTime: tsMs + 3,
        fundingRate: rate.toFixed(8),
        markPrice: '60000.00000000',
      })),
    );
  }
  if (/^\/products\/[^/]+\/candles$/.test(url.pathname)) {
    const [from, to] = [Date.parse(query('start')), Date.parse(query('end'))];
    // Real answers may begin before the start asked for.
    const found = bars.filter(({ tsMs }) => tsMs >= from - 2 * MS_PER_HOUR && tsMs <= to);
    const list = found.map((b) => [b.tsMs / 1000, b.low, b.high, b.open, b.close, b.volume]);
    return rows(list.reverse().slice(0, 300));
  }
  const [from, to] = [Number(query('from')), Number(query('to'))];
  const found = rows(bars.filter(({ tsMs }) => tsMs / 1000 >= from && tsMs / 1000 <= to)) as HourlyBar[];
  if (found.length === 0) return { s: 'no_data', t: [], o: [], h: [], l: [], c: [], v: [] };
  const column = (field: keyof HourlyBar) => found.map((bar) => bar[field]);
  return {
    s: 'ok',
    t: found.map(({ tsMs }) => tsMs / 1000),
    o: column('open'),
    h: column('high'),
    l: column('low'),
    c: column('close'),
    v: found.map(() => 0),
  };
}
