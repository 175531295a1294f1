import { createConnection, createServer, type Socket } from 'node:net';

/** Bytes that wait for their time on one way. */
interface Waiting {
  readonly chunk: Buffer;
  readonly dueMs: number;
}

/** A TCP proxy that plays a bad network. */
export interface Link {
  readonly port: number;
  /** Nothing passes and nobody is told; new connections are accepted and stay silent. */
  cut(): void;
  /** Connections are reset, and so are new ones. */
  refuse(): void;
  /** Every chunk arrives this much later. */
  delay(ms: number): void;
  /**
   * All passes again. What was held back by a cut arrives now, late, as after the retransmission of a real network;
   * with `drop` the connections of before are reset instead.
   */
  heal(how?: 'deliver' | 'drop'): void;
  stop(): Promise<void>;
}

/** @param target port on 127.0.0.1 */
export async function startProxy(target: number): Promise<Link> {
  let state: 'open' | 'cut' | 'refused' = 'open';
  let delayMs = 0;
  const sockets = new Set<Socket>();
  const lines = new Set<() => void>();
  const drop = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  };

  /** One way of a connection: chunks in order, each at its time, and the end after the last. */
  function line(from: Socket, to: Socket): void {
    const waiting: Waiting[] = [];
    let timer: NodeJS.Timeout | undefined;
    let ended = false;
    const flush = () => {
      clearTimeout(timer);
      while (state === 'open' && waiting[0] !== undefined && waiting[0].dueMs <= performance.now()) {
        to.write(waiting.shift()!.chunk);
      }
      if (state !== 'open') return;
      if (waiting[0] !== undefined) timer = setTimeout(flush, waiting[0].dueMs - performance.now() + 1);
      else if (ended) to.end();
    };
    lines.add(flush);
    from.on('data', (chunk: Buffer) => {
      waiting.push({ chunk, dueMs: performance.now() + delayMs });
      flush();
    });
    from.on('end', () => {
      ended = true;
      flush();
    });
    from.on('close', () => {
      ended = true;
      flush();
    });
    to.on('close', () => {
      clearTimeout(timer);
      lines.delete(flush);
      from.destroy();
    });
  }

  const server = createServer({ allowHalfOpen: true }, (inward) => {
    track(inward);
    if (state === 'refused') {
      inward.resetAndDestroy();
      return;
    }
    const connect = () => {
      const outward = createConnection({ port: target, host: '127.0.0.1', allowHalfOpen: true });
      track(outward);
      outward.on('error', () => inward.resetAndDestroy());
      line(inward, outward);
      line(outward, inward);
    };
    if (state === 'open') connect();
    else {
      // What it says before the network is back is lost with it.
      const whenBack = () => {
        if (state === 'open') inward.resetAndDestroy();
      };
      lines.add(whenBack);
      inward.on('close', () => lines.delete(whenBack));
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cut() {
      state = 'cut';
    },
    refuse() {
      state = 'refused';
      drop();
    },
    delay(ms) {
      delayMs = ms;
    },
    heal(how = 'deliver') {
      state = 'open';
      delayMs = 0;
      if (how === 'drop') drop();
      else for (const flush of lines) flush();
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      drop();
      await closed;
    },
  };
}
