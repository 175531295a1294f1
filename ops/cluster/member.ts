import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProgram, type Program } from './program.ts';
import { type Link, startProxy } from './proxy.ts';
import { waitFor } from './wait.ts';

/** What a gateway or a worker talks to. */
export const SERVICES = ['postgres', 'redis', 'hermes', 'hub', 'l2'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** A gateway or a worker. */
export interface Member {
  readonly role: 'gateway' | 'worker';
  /** `gateway-1`, `worker-2`. */
  readonly name: string;
  readonly program: Program;
  /** Base URL; null of a worker. The same over all starts. */
  readonly url: string | null;
  /** Its own way to each service; null without proxies. */
  readonly links: Readonly<Record<ServiceName, Link>> | null;
  /** Its clock, with `shiftable` clocks: milliseconds ahead of that of the machine. */
  shiftClock(ms: number): void;
  /** Starts it where it does not run. `ready()` tells when it serves. */
  start(): void;
  /** Waits until it answers /ready with 200; of a worker, until it says that it has started. */
  ready(patienceMs?: number): Promise<void>;
}

export interface MemberOptions {
  readonly role: Member['role'];
  readonly index: number;
  readonly directory: string;
  /** Of a gateway. */
  readonly port: number;
  readonly ports: Readonly<Record<ServiceName, number>>;
  readonly proxied: boolean;
  readonly shiftableClock: boolean;
  readonly restartAfterMs: number | undefined;
  /** Environment and network file by the ports that lead to the services. */
  readonly configure: (ports: Readonly<Record<ServiceName, number>>) => {
    readonly environment: Readonly<Record<string, string>>;
    readonly network: object;
  };
}

const CLOCK = fileURLToPath(new URL('./shifted-clock.mjs', import.meta.url));

/** Makes a gateway or a worker; it does not run yet. */
export async function createMember(options: MemberOptions): Promise<Member> {
  const { role, directory, port, ports, proxied, shiftableClock, configure } = options;
  const name = `${role}-${options.index}`;
  const links = proxied
    ? (Object.fromEntries(
        await Promise.all(SERVICES.map(async (one) => [one, await startProxy(ports[one])] as const)),
      ) as Record<ServiceName, Link>)
    : null;
  const seen =
    links === null
      ? ports
      : (Object.fromEntries(SERVICES.map((one) => [one, links[one].port])) as Record<ServiceName, number>);
  const { environment, network } = configure(seen);
  const file = join(directory, `${name}.json`);
  writeFileSync(file, JSON.stringify(network, null, 2));
  const clockFile = join(directory, `${name}.clock`);
  writeFileSync(clockFile, '0');
  const program = createProgram({
    name,
    command: [
      process.execPath,
      ...['--import', 'tsx'],
      ...(shiftableClock ? ['--import', CLOCK] : []),
      `gateway/${role}.ts`,
    ],
    environment: {
      NETWORK_FILE: file,
      LOG_LEVEL: 'warn',
      ...(role === 'gateway' ? { PORT: `${port}` } : {}),
      ...(shiftableClock ? { CLOCK_OFFSET_FILE: clockFile } : {}),
      ...environment,
    },
    logFile: join(directory, `${name}.log`),
    ...(options.restartAfterMs === undefined ? {} : { restartAfterMs: options.restartAfterMs }),
  });
  const url = role === 'gateway' ? `http://127.0.0.1:${port}` : null;
  const answers = async () => {
    if (url === null) return /breakwater worker: network/.test(program.output());
    const answer = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
    await answer?.text();
    return answer?.status === 200;
  };
  return {
    role,
    name,
    program,
    url,
    links,
    shiftClock: (ms) => writeFileSync(clockFile, `${ms}`),
    start() {
      if (!program.running) program.start();
    },
    async ready(patienceMs = 120_000) {
      await waitFor(
        `${name} to be ready (${program.logFile})`,
        () => {
          // As a service manager does: what ends is started again.
          if (!program.running) program.start();
          return answers();
        },
        patienceMs,
      );
    },
  };
}
