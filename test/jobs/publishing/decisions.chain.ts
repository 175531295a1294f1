import { describe, expect, it } from 'vitest';
import { riskHubAbi } from '../../../chains/contracts/abi.ts';
import {
  type BoundsDecision,
  type ParameterDecision,
  signDecision,
} from '../../../chains/contracts/decisions.ts';
import { marketAddress } from '../../../chains/contracts/market-address.ts';
import { approverAccounts, gatewayAccount } from '../../../chains/devnet/keys.ts';
import { decisionId } from '../../../chains/publisher/hub.ts';
import { changePublication, createPublication } from '../../../db/queries/publications.ts';
import { read, WAD } from '../../chains/support/messaging.ts';
import { RATE, states } from './publishing-world.ts';
import { usePublishingWorld } from './use-publishing-world.ts';

const world = await usePublishingWorld(['hub', 'l2']);

describe('decisions of the approvers', () => {
  const at = marketAddress('SOL-PERP');
  async function decide(
    decision: BoundsDecision | ParameterDecision,
    signers = approverAccounts().slice(0, 2),
  ) {
    const { address } = world.publisher.hub;
    const parameter = 'value' in decision;
    const signatures = parameter
      ? await signDecision(signers, 31337, address, 'Parameter', decision)
      : await signDecision(signers, 31337, address, 'Bounds', decision);
    const id = parameter ? decisionId('Parameter', decision) : decisionId('Bounds', decision);
    const kind = parameter ? ('parameter' as const) : ('bounds' as const);
    const made = {
      id,
      protocol: 'local',
      source: 'governance',
      kind,
      hub: 'hub',
      market: 'SOL-PERP',
    } as const;
    const value = parameter ? decision.value : null;
    const where = { marketAddress: at, updateType: RATE, value, computedValue: null, proposal: null };
    await createPublication(
      world.database,
      { ...made, ...where, decision: { kind, decision, signatures } },
      'test',
    );
    return id;
  }
  const settle = async () => {
    await world.send();
    await world.workers.round();
    await world.send();
    await world.track();
  };

  it('are carried to the hub, wait out its time lock, and reach every chain beyond the bounds of the key', async () => {
    const nonce = await world.publisher.hub.nonceOf({ market: at, updateType: RATE });
    const validUntil = BigInt(world.now() + 100_000);
    const reference = 'committee-7';
    const id = await decide({
      market: at,
      updateType: RATE,
      value: (WAD * 6n) / 10n,
      referenceId: reference,
      nonce,
      validUntil,
    });
    await settle();
    const scheduled = await world.view(id);
    expect(scheduled.state).toBe('scheduled');
    await changePublication(world.database.orm, id, { dueAt: Date.now() });
    await world.send();
    expect((await world.view(id)).reason).toMatch(/^its time lock ends at 2023-/);
    await world.mineAll(3700);
    await changePublication(world.database.orm, id, { dueAt: Date.now() });
    await settle();
    expect((await world.view(id)).state).toBe('arrived');
    expect(await world.valuesOn('SOL-PERP')).toEqual([(WAD * 6n) / 10n, (WAD * 6n) / 10n]);
    expect((await world.eventsOn('SOL-PERP')).l2!.at(-1)).toBe(reference);
  });

  it('of too few, or of a stranger, are refused by the hub with its reason', async () => {
    const nonce = await world.publisher.hub.nonceOf({ market: at, updateType: RATE });
    const validUntil = BigInt(world.now() + 100_000);
    const bounds = { market: at, updateType: RATE, minValue: 0n, maxValue: WAD, nonce, validUntil };
    const few = await decide(bounds, approverAccounts().slice(0, 1));
    await world.send();
    expect((await world.view(few)).reason).toContain('TooFewApprovals(1, 2)');
    const strange = await decide({ ...bounds, maxValue: WAD / 2n }, [
      approverAccounts()[0]!,
      gatewayAccount(),
    ]);
    await world.send();
    expect([(await world.view(strange)).state, (await world.view(strange)).reason]).toEqual([
      'refused',
      expect.stringContaining('NotAnApprover'),
    ]);
  });

  it('about bounds take effect once, on the hub alone', async () => {
    const nonce = await world.publisher.hub.nonceOf({ market: at, updateType: RATE });
    const validUntil = BigInt(world.now() + 100_000);
    const id = await decide({
      market: at,
      updateType: RATE,
      minValue: WAD / 100n,
      maxValue: WAD / 3n,
      nonce,
      validUntil,
    });
    await settle();
    await world.mineAll(3700);
    await changePublication(world.database.orm, id, { dueAt: Date.now() });
    await settle();
    const done = await world.view(id);
    expect([done.state, states(done)]).toEqual(['arrived', { hub: 'arrived' }]);
    const args = [at, RATE] as const;
    const line = await read(world.devnet.hub.chain, world.devnet.hub.risk.hub!, riskHubAbi, 'lineOf', args);
    expect(line).toMatchObject({ minValue: WAD / 100n, maxValue: WAD / 3n });
  });
});
