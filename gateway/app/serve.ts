import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { BreakwaterError } from '../../risk/errors.ts';
import type { AnswerNow } from './context.ts';

const DRAIN_MS = 5_000;

/**
 * How long a connection may be idle. Whoever keeps connections, a balancer most of all, must be the first to let go (many
 * do after 60 s): a request that is sent while this end closes is lost, and Node's 5 s make that common.
 */
const IDLE_MS = 75_000;

/** The address cannot be listened on; names the port. */
export class ListenError extends BreakwaterError {
  override readonly name = 'ListenError';
  readonly host: string;
  readonly port: number;
  constructor(host: string, port: number, code: string, cause: unknown) {
    const why: Readonly<Record<string, string>> = {
      EADDRINUSE: `port ${port} on ${host} is in use by another program; set PORT to a free one`,
      EACCES: `port ${port} on ${host} may not be opened by this user; set PORT to 1024 or more`,
      EADDRNOTAVAIL: `${host} is not an address of this machine; set HOST`,
      ENOTFOUND: `${host} is not a known name; set HOST`,
    };
    super(why[code] ?? `cannot listen on ${host}, port ${port}: ${code}`, {
      type: code === 'EADDRINUSE' ? 'port-in-use' : 'cannot-listen',
      kind: 'unavailable',
      retryable: false,
      details: { host, port, code },
      cause,
    });
    this.host = host;
    this.port = port;
  }
}

export interface RunningServer {
  /** Base URL without a slash at the end, with the port that was really opened. */
  readonly url: string;
  readonly port: number;
  /** From now on every answer asks the client to open its next connection elsewhere. */
  retire(): void;
  /** Answers what is under way, refuses what is new, drops idle connections. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Serves an application over HTTP; port 0 takes a free one.
 * @throws ListenError
 */
export async function serve(
  app: {
    fetch(request: Request, env?: unknown): Response | Promise<Response>;
    readonly answerNow?: AnswerNow;
  },
  { host, port, drainMs = DRAIN_MS }: { host: string; port: number; drainMs?: number },
): Promise<RunningServer> {
  const answerNow = app.answerNow ?? (() => false);
  const server = createAdaptorServer({
    fetch: (request, env) => app.fetch(request, env),
    createServer: ((options: ServerOptions, listener: RequestListener) =>
      createServer(options, (incoming, outgoing) => {
        if (!answerNow(incoming, outgoing)) listener(incoming, outgoing);
      })) as typeof createServer,
  }) as Server;
  server.keepAliveTimeout = IDLE_MS;
  let retiring = false;
  const connections = trackConnections(server, () => retiring);
  await listen(server, host, port);
  const opened = (server.address() as AddressInfo).port;
  let closing: Promise<void> | null = null;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${opened}`,
    port: opened,
    retire: () => {
      retiring = true;
    },
    close: () => {
      closing ??= drain(server, connections, drainMs);
      return closing;
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) =>
      reject(new ListenError(host, port, error.code ?? error.name, error));
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

/** Open connections and the number of answers under way on each. */
function trackConnections(server: Server, retiring: () => boolean): Map<Socket, number> {
  const underWay = new Map<Socket, number>();
  server.on('connection', (socket: Socket) => {
    underWay.set(socket, 0);
    socket.once('close', () => underWay.delete(socket));
  });
  // Before the application, which may have answered when it returns.
  server.prependListener('request', ({ socket }, response) => {
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
    if (retiring()) response.setHeader('Connection', 'close');
    response.once('close', () => {
      if (underWay.has(socket)) underWay.set(socket, underWay.get(socket)! - 1);
      // After the last answer of a closing server a kept-alive connection only holds it up.
      if (!server.listening && underWay.get(socket) === 0) socket.end();
    });
  });
  return underWay;
}

/** Waits for answers under way, at most `drainMs` of wall time; then the connections are cut. */
function drain(server: Server, connections: ReadonlyMap<Socket, number>, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), drainMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    // Node's own closeIdleConnections leaves alone those that never asked anything.
    for (const [socket, count] of connections) if (count === 0) socket.destroy();
  });
}
