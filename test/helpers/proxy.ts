import { createConnection, createServer, type Socket } from 'node:net';

/** A TCP proxy that can play a cut network: nothing passes, and nobody is told. */
export interface TestProxy {
  readonly port: number;
  /** Open connections go silent for good; new ones are accepted and stay silent. */
  cut(): void;
  /** New connections pass again. */
  heal(): void;
  stop(): Promise<void>;
}

export async function startProxy(targetPort: number, targetHost = '127.0.0.1'): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  let open = true;
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((inward) => {
    track(inward);
    if (!open) return;
    const outward = createConnection(targetPort, targetHost);
    track(outward);
    inward.pipe(outward).pipe(inward);
    inward.on('close', () => outward.destroy());
    outward.on('close', () => inward.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cut: () => {
      open = false;
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    heal: () => {
      open = true;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
