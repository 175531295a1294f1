import type { Address } from 'viem';
import { z } from 'zod';
import { publicationId } from '../../chains/publisher/hub.ts';
import { createPublication, lastPublication } from '../../db/queries/publications.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import { PartialFailureError } from '../errors.ts';
import type { Publisher } from '../publishing/publisher.ts';
import { defineTask } from '../task.ts';

/** A parameter of a market that the forecast moves on chain. */
export interface PlannedLine {
  readonly protocol: string;
  readonly market: string;
  readonly marketAddress: Address;
  readonly updateType: string;
}

export interface PublishPlanPorts {
  readonly publisher: Publisher;
  readonly lines: readonly PlannedLine[];
  /** What should be in force now, and as of which market time; null while prices or forecasts do not say. */
  target(line: PlannedLine): Promise<{ readonly valueWad: Wad; readonly asOfMs: UnixMs } | null>;
  /** Smallest change worth a publication, as a share of the last value (18 decimals). */
  readonly minChangeWad: Wad;
  /** Wall time that a value stands before it is lowered; raised it is at once. */
  readonly lowerAfterMs: number;
}

const WAD = 10n ** 18n;

/** Publishes what a forecast has changed, inside the bounds that the hub's approvers gave the gateway's key. */
export const publishPlan = defineTask({
  name: 'publish-plan',
  payload: z.strictObject({}),
  timeoutMs: 60_000,
  attempts: 3,
  backoff: { delayMs: 1_000, jitter: 0.5 },
  async run(_payload, ports: PublishPlanPorts, { signal, logger }) {
    const failures: { part: string; error: unknown }[] = [];
    let planned = 0;
    for (const line of ports.lines) {
      signal.throwIfAborted();
      try {
        if (await plan(ports, line)) planned += 1;
      } catch (error) {
        failures.push({ part: `${line.updateType} of ${line.market}`, error });
      }
    }
    if (failures.length > 0) throw new PartialFailureError('publish-plan', failures);
    if (planned > 0) logger.info({ planned }, 'parameters are to be published');
    return { planned };
  },
});

async function plan(ports: PublishPlanPorts, line: PlannedLine): Promise<boolean> {
  const { database, hub } = ports.publisher;
  const target = await ports.target(line);
  if (target === null) return false;
  const { market, marketAddress, updateType, protocol } = line;
  const { bounded, minValue, maxValue } = await hub.line({ market: marketAddress, updateType });
  // Without bounds the key may publish nothing here: that is for the approvers to decide, not a failure.
  if (!bounded) return false;
  const { valueWad: computed, asOfMs } = target;
  // As far as the key may go; what was computed is kept beside it.
  const value = computed < minValue ? minValue : computed > maxValue ? maxValue : computed;
  const where = { hub: hub.chain.id, marketAddress, updateType };
  const last = await lastPublication(database.orm, where);
  if (last !== null && !worthwhile(ports, last.value!, value, last.createdAt)) return false;
  const id = publicationId({
    chainId: hub.chain.definition.chainId,
    hub: hub.address,
    market: marketAddress,
    updateType,
    value,
    previous: last?.id ?? '',
    asOfMs,
  });
  const made = { id, protocol, source: 'forecast', kind: 'value', market, ...where } as const;
  return createPublication(database, { ...made, value, computedValue: computed, decision: null }, 'job');
}

function worthwhile(
  { minChangeWad, lowerAfterMs }: PublishPlanPorts,
  last: Wad,
  next: Wad,
  lastMs: number,
): boolean {
  const change = next > last ? next - last : last - next;
  if (change === 0n || change * WAD < last * minChangeWad) return false;
  return next > last || Date.now() - lastMs >= lowerAfterMs;
}
