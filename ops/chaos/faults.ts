import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Member, SERVICES, type ServiceName } from '../cluster/member.ts';
import type { SmallDisk } from './disk.ts';
import type { PlannedFault } from './plan.ts';
import { pick, type Scene } from './scene.ts';

/** A fault as it was carried out. */
export interface DoneFault extends PlannedFault {
  readonly target: string;
  /** Machine time from which its recovery is counted: of a kill the kill, of everything else its end. */
  readonly fromMs: number;
}

export interface FaultSetting {
  readonly scene: Scene;
  readonly disk: SmallDisk | null;
  /** Members that a fault still lies on, by name; they are left alone. */
  readonly occupied: Set<string>;
}

const CUT_MS = 8_000;
const SLOW_MS = 8_000;
const FULL_MS = 5_000;
const SHIFTED_MS = 8_000;
/** Longer than prices may be old and answers are valid, with what either is told late. */
const DEAF_MS = 68_000;
const SHIFTS_MS = [300_000, -300_000, 3_600_000];
const DELAYS_MS = [700, 2_000, 5_000];

/** Carries a fault out and undoes it. What it did to the world is in the truth while it lasts. */
export async function carryOut(fault: PlannedFault, setting: FaultSetting): Promise<DoneFault> {
  const { scene, disk, occupied } = setting;
  const { cluster, random } = scene;
  const { turn } = fault;
  const gateways = () => cluster.gateways.filter(({ name }) => !occupied.has(name));
  const workers = () => cluster.workers.filter(({ name }) => !occupied.has(name));
  const done = (target: string, fromMs = Date.now()): DoneFault => ({ ...fault, target, fromMs });
  /** One gateway, one worker, all of them, in turns. */
  const victims = () =>
    [[pick(random, gateways())], [pick(random, workers())], [...gateways(), ...workers()]][turn % 3]!;
  const network = async (services: readonly ServiceName[]) => {
    const members = victims();
    await cutOff(scene, members, services, CUT_MS, turn % 2 === 0 ? 'deliver' : 'drop');
    return done(`${members.map(({ name }) => name).join(', ')}: ${services.join(', ')}`);
  };
  switch (fault.kind) {
    case 'kill-gateway':
    case 'kill-worker': {
      const member = pick(random, fault.kind === 'kill-gateway' ? gateways() : workers());
      const fromMs = Date.now();
      await member.program.kill();
      member.start();
      return done(member.name, fromMs);
    }
    case 'kill-postgres': {
      const fromMs = Date.now();
      // In turns the head alone, whose children then notice, and all of the server at once.
      if (turn % 2 === 1) killChildren(cluster.postgres.program.pid);
      await cluster.postgres.program.kill();
      await cluster.postgres.start();
      return done(turn % 2 === 1 ? 'all its processes' : 'its first process', fromMs);
    }
    case 'kill-redis': {
      const fromMs = Date.now();
      await cluster.redis.program.kill();
      await delay(200 * (turn % 4));
      await cluster.redis.start();
      return done('redis', fromMs);
    }
    case 'kill-anvil': {
      const chain = cluster.market.devnet.chains[turn % 2]!;
      const fromMs = Date.now();
      await chain.kill();
      await delay(500 * (turn % 4));
      await chain.restart();
      return done(chain.definition.id, fromMs);
    }
    case 'flush-redis':
      await cluster.redis.flush();
      return done('redis');
    case 'cut-postgres':
      return network(['postgres']);
    case 'cut-redis':
      return network(['redis']);
    case 'cut-rpc':
      return network(['hub', 'l2']);
    case 'cut-hermes':
      return network(['hermes']);
    case 'cut-sources': {
      const member = pick(random, gateways());
      occupied.add(member.name);
      try {
        await cutOff(scene, [member], ['hermes', 'hub', 'l2'], DEAF_MS, 'deliver');
      } finally {
        occupied.delete(member.name);
      }
      return done(member.name);
    }
    case 'slow-rpc': {
      const ms = DELAYS_MS[turn % DELAYS_MS.length]!;
      const members = [...gateways(), ...workers()];
      for (const { links } of members) for (const chain of ['hub', 'l2'] as const) links![chain].delay(ms);
      await delay(SLOW_MS);
      for (const { links } of members) for (const chain of ['hub', 'l2'] as const) links![chain].delay(0);
      return done(`${ms} ms each way`);
    }
    case 'disk-full':
      disk!.fill();
      await delay(FULL_MS);
      disk!.free();
      await cluster.postgres.start();
      return done('PostgreSQL');
    case 'clock-jump': {
      const member = pick(random, turn % 2 === 0 ? gateways() : workers());
      const ms = SHIFTS_MS[turn % SHIFTS_MS.length]!;
      scene.truth.setClock(member, ms);
      member.shiftClock(ms);
      await delay(SHIFTED_MS);
      scene.truth.setClock(member, 0);
      member.shiftClock(0);
      return done(`${member.name} by ${ms / 1000} s`);
    }
  }
}

async function cutOff(
  { truth }: Scene,
  members: readonly Member[],
  services: readonly ServiceName[],
  forMs: number,
  how: 'deliver' | 'drop',
): Promise<void> {
  const each = (work: (member: Member, service: ServiceName) => void) => {
    for (const member of members) for (const service of services) work(member, service);
  };
  each((member, service) => {
    member.links![service].cut();
    truth.cut(member, service);
  });
  await delay(forMs);
  each((member, service) => {
    truth.healed(member, service);
    member.links![service].heal(how);
  });
}

function killChildren(pid: number | null): void {
  if (pid === null) return;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  for (const child of children) {
    try {
      if (child > 0) process.kill(child, 'SIGKILL');
    } catch {
      // It ended while we looked.
    }
  }
}

/** Undoes whatever a fault that failed half way has left. */
export function undoAll({ scene, disk }: FaultSetting): void {
  disk?.free();
  for (const member of [...scene.cluster.gateways, ...scene.cluster.workers]) {
    member.shiftClock(0);
    scene.truth.setClock(member, 0);
    for (const service of SERVICES) {
      scene.truth.healed(member, service);
      member.links![service].heal();
    }
  }
}
