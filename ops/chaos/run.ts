import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../../gateway/demo/market/random.ts';
import { type Cluster, startCluster } from '../cluster/cluster.ts';
import { waitFor } from '../cluster/wait.ts';
import { type Check, Checks } from './checks.ts';
import { mountSmallDisk, type SmallDisk } from './disk.ts';
import { carryOut, type DoneFault, type FaultSetting, undoAll } from './faults.ts';
import { Ledger } from './ledger.ts';
import { startLoad } from './load/start.ts';
import {
  FAULT_KINDS,
  type FaultKind,
  LEAST_KILLS,
  LEAST_OF_EACH,
  type PlannedFault,
  planFaults,
} from './plan.ts';
import { recoveryOf, type Sampler, startSampler } from './recovery.ts';
import type { Recovered } from './report.ts';
import { type Scene, Truth } from './scene.ts';
import { verifyAll } from './verify/all.ts';

export interface ChaosOptions {
  /** How often each fault comes; null: the full run. */
  readonly rounds: number | null;
  readonly only: readonly string[];
  readonly seed: number;
  readonly keepFiles: boolean;
  readonly allowMissing: boolean;
}

export interface ChaosResult {
  readonly checks: readonly Check[];
  readonly recovered: readonly Recovered[];
  readonly kills: number;
  /** What was asked of the cluster and how it was answered. */
  readonly load: string;
}

const CARRIED_OUT = 'every planned fault was carried out';
const RECOVERED = 'every fault was recovered from';
const BACKGROUND: readonly FaultKind[] = ['cut-sources'];
/** Load between two faults, beside the time that a fault takes. */
const DWELL_MS = 1_500;
const BACK_MS = 120_000;

/** Runs the faults under load and looks what became of everything that was acknowledged. */
export async function runChaos(
  options: ChaosOptions,
  report: (line: string) => void,
  stop: AbortSignal,
): Promise<ChaosResult> {
  const plan = planFaults(options.seed, options.rounds, options.only);
  const checks = new Checks();
  const base = mkdtempSync(join(tmpdir(), 'breakwater-chaos-'));
  const mounted = plan.some(({ kind }) => kind === 'disk-full') ? mountSmallDisk(join(base, 'disk')) : null;
  const disk = typeof mounted === 'string' ? null : mounted;
  let cluster: Cluster | null = null;
  try {
    if (typeof mounted === 'string') report(`disk-full cannot be had here, it was not run: ${mounted}`);
    cluster = await startCluster({
      ...{ gateways: 2, workers: 2, protocols: 3, seed: options.seed, report },
      ...{ proxied: true, shiftableClocks: true, keepFiles: options.keepFiles },
      // RestartSec of ops/systemd.
      restartAfterMs: 2_000,
      postgresDir: join(disk?.directory ?? base, 'postgres'),
      environment: {
        ...{ SNAPSHOT_INTERVAL_MS: '1000', SWEEP_INTERVAL_MS: '1000', FORECAST_INTERVAL_MS: '5000' },
        RATE_LIMIT_PER_MINUTE: '0',
      },
    });
    if (options.keepFiles) report(`logs are kept in ${join(cluster.directory, 'logs')}`);
    return await withLoad({ options, plan, checks, cluster, disk, report, stop });
  } finally {
    await cluster?.stop();
    disk?.unmount();
    rmSync(base, { recursive: true, force: true });
  }
}

async function withLoad(run: {
  readonly options: ChaosOptions;
  readonly plan: readonly PlannedFault[];
  readonly checks: Checks;
  readonly cluster: Cluster;
  readonly disk: SmallDisk | null;
  readonly report: (line: string) => void;
  readonly stop: AbortSignal;
}): Promise<ChaosResult> {
  const { options, plan, checks, cluster, disk, report, stop } = run;
  const end = new AbortController();
  const scene: Scene = {
    ...{ cluster, checks, ledger: new Ledger(), truth: new Truth(), ended: end.signal },
    random: createRandom(options.seed, 'load'),
  };
  const load = await startLoad(scene);
  const probing = new AbortController();
  const sampler = startSampler(scene, AbortSignal.any([probing.signal, stop]));
  const setting: FaultSetting = { scene, disk, occupied: new Set() };
  const done = await carryOutAll(plan, setting, sampler, report, stop);
  undoAll(setting);
  report('all faults are over; waiting until everybody is back');
  const everybody = [...cluster.gateways, ...cluster.workers];
  await Promise.allSettled([cluster.postgres.start(), cluster.redis.start()]);
  const back = await Promise.allSettled(everybody.map((member) => member.ready(BACK_MS)));
  for (const one of back) {
    checks.note('every process is ready in the end', one.status === 'fulfilled' ? null : String(one.reason));
  }
  await waitFor(
    'the last fault to be recovered from',
    () => done.every((fault) => isRecovered(fault, sampler)),
    BACK_MS,
  ).catch(() => undefined);
  end.abort();
  probing.abort();
  await Promise.all([load.running, sampler.running]);
  report('the load has ended; waiting until everything is carried out');
  await verifyAll(scene, load);
  const recovered = done.map((fault) => ({ fault, recovery: recoveryOf(fault, sampler.samples) }));
  judge(options, plan, done, disk, checks, sampler);
  await load.stop();
  const kills = done.filter(({ kind }) => kind.startsWith('kill-')).length;
  return { checks: checks.all(), recovered, kills, load: load.summary() };
}

const isRecovered = (fault: DoneFault, { samples }: Sampler) =>
  Object.values(recoveryOf(fault, samples)).every((ms) => ms !== null);

/** One after the other; those that last long lie on one gateway in the background. */
async function carryOutAll(
  plan: readonly PlannedFault[],
  setting: FaultSetting,
  sampler: Sampler,
  report: (line: string) => void,
  stop: AbortSignal,
): Promise<DoneFault[]> {
  const { scene, disk } = setting;
  const done: DoneFault[] = [];
  let background: Promise<unknown> = Promise.resolve();
  const carry = async (fault: PlannedFault) => {
    try {
      const result = await carryOut(fault, setting);
      done.push(result);
      report(`${String(done.length).padStart(3)} of ${plan.length}  ${fault.kind}: ${result.target}`);
      return result;
    } catch (error) {
      report(`${fault.kind} could not be carried out: ${String(error)}`);
      undoAll(setting);
      return null;
    }
  };
  for (const fault of plan) {
    if (stop.aborted) break;
    if (fault.kind === 'disk-full' && disk === null) continue;
    if (BACKGROUND.includes(fault.kind)) {
      await background;
      background = carry(fault);
      continue;
    }
    // A gateway at least must serve, or there is no load that a fault could harm.
    await waitFor(
      'a gateway that serves',
      () =>
        scene.cluster.gateways.some(
          ({ name }) => Date.now() - (sampler.samples.writes.get(name)?.at(-1) ?? 0) < 3_000,
        ),
      BACK_MS,
    ).catch((error) => report(String(error)));
    await carry(fault);
    await delay(DWELL_MS);
  }
  await background;
  return done;
}

function judge(
  options: ChaosOptions,
  plan: readonly PlannedFault[],
  done: readonly DoneFault[],
  disk: SmallDisk | null,
  checks: Checks,
  sampler: Sampler,
): void {
  const missing = (kind: FaultKind) => kind === 'disk-full' && disk === null && options.allowMissing;
  for (const kind of FAULT_KINDS) {
    const planned = plan.filter((fault) => fault.kind === kind).length;
    const times = done.filter((fault) => fault.kind === kind).length;
    if (planned === 0 || missing(kind)) continue;
    const least = options.rounds === null ? Math.max(LEAST_OF_EACH, planned) : planned;
    checks.note(CARRIED_OUT, times >= least ? null : `${kind}: ${times} of ${least}`);
  }
  if (options.rounds === null && options.only.length === 0) {
    const kills = done.filter(({ kind }) => kind.startsWith('kill-')).length;
    checks.note(CARRIED_OUT, kills >= LEAST_KILLS ? null : `${kills} kills of ${LEAST_KILLS}`);
  }
  for (const fault of done) {
    checks.note(
      RECOVERED,
      isRecovered(fault, sampler) ? null : `${fault.kind} ${fault.turn}: ${fault.target}`,
    );
  }
}
