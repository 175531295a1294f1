import { describe, expect, it } from 'vitest';
import { marketAddress } from '../../../chains/contracts/market-address.ts';
import { listAudit } from '../../../db/queries/audit.ts';
import { vetoProposal } from '../../../db/queries/decide-proposal.ts';
import {
  freezeMarket,
  listConfigurations,
  putPolicy,
  unfreezeMarket,
} from '../../../db/queries/governance.ts';
import { getProposal, listProposals } from '../../../db/queries/proposals.ts';
import { changePublication, listPublications } from '../../../db/queries/publications.ts';
import type { LineTarget } from '../../../jobs/publishing/forecast-moves.ts';
import { proposals } from '../../../jobs/tasks/proposals.ts';
import { publishPlan } from '../../../jobs/tasks/publish-plan.ts';
import { WAD } from '../../chains/support/messaging.ts';
import { context } from '../../helpers/task-context.ts';
import { states } from './publishing-world.ts';
import { usePublishingWorld } from './use-publishing-world.ts';

const MAINTENANCE = 'maintenanceMarginRate';
const INITIAL = 'initialMarginRate';
const HASH = 'ab'.repeat(32);
const world = await usePublishingWorld(['hub', 'l2']);

let asOfMs = 0;
type Targets = Readonly<Record<string, bigint | null>>;

/** One run of the job for a market whose lines should be at these values. */
function plan(market: string, targets: Targets, more: { lowerAfterMs?: number; risesUntilMs?: number } = {}) {
  asOfMs += 1;
  const now = asOfMs;
  const lines = Object.keys(targets).map((updateType) => ({
    ...{ protocol: 'local', market, updateType },
    marketAddress: marketAddress(market),
  }));
  const target = async ({ updateType }: { updateType: string }): Promise<LineTarget | null> => {
    const valueWad = targets[updateType]!;
    return valueWad === null ? null : { valueWad, asOfMs: now, risesUntilMs: more.risesUntilMs ?? null };
  };
  const ports = {
    publisher: world.publisher,
    lines,
    target,
    minChangeWad: WAD / 50n,
    lowerAfterMs: more.lowerAfterMs ?? 60_000,
    vetoMs: 600_000,
    deploymentHash: HASH,
    clock: { nowMs: () => 1_000_000 },
    configuration: async () => ({
      ...{ moduleId: 'standard', moduleVersion: '1.0.0', parameters: {}, parametersHash: HASH },
    }),
  };
  return publishPlan.run({}, ports, context);
}

/** The job of proposals at a wall time; nothing here is assessed. */
const execute = (wallNowMs: number) =>
  proposals.run(
    {},
    {
      database: world.database,
      clock: { nowMs: () => 1_000_000 },
      deploymentHash: HASH,
      wallNowMs: () => wallNowMs,
      assess: async () => Promise.reject(new Error('not in this test')),
    },
    context,
  );

const orm = () => world.database.orm;
const made = async (market: string) =>
  (await listProposals(orm(), 'local', { before: null, limit: 100 })).filter((one) => one.market === market);
const published = async (market: string) =>
  (await listPublications(orm(), 'local', { before: null, limit: 100 })).filter(
    (one) => one.market === market,
  );
const PROPOSED = { proposed: 1, asked: 0, withoutPolicy: 0 };
const NOTHING = { proposed: 0, asked: 0, withoutPolicy: 0 };

describe('what a forecast changes inside the approved bounds', () => {
  it('is one autonomous proposal, executed at once, and one transaction for all lines of the market', async () => {
    expect(await plan('BTC-PERP', { [INITIAL]: null, [MAINTENANCE]: null })).toEqual(NOTHING);
    expect(
      await plan('BTC-PERP', { [INITIAL]: WAD / 8n, [MAINTENANCE]: WAD / 16n }, { risesUntilMs: 2_000_000 }),
    ).toEqual(PROPOSED);
    const [proposal] = await made('BTC-PERP');
    expect(proposal).toMatchObject({
      state: 'executed',
      autonomous: true,
      refusal: null,
      createdBy: 'forecast',
      effectiveFromMs: 1_000_000,
      title: 'Forecast of BTC-PERP: initialMarginRate 0.125, maintenanceMarginRate 0.0625',
      onChain: { hub: 'hub', changes: [{ value: WAD / 8n }, { value: WAD / 16n, risesUntilMs: 2_000_000 }] },
    });
    await world.arrive();
    const both = await published('BTC-PERP');
    expect(both.map(({ state, source, proposal: of }) => [state, source, of])).toEqual([
      ['arrived', 'forecast', proposal!.id],
      ['arrived', 'forecast', proposal!.id],
    ]);
    expect(new Set(both.map(({ transactionHash }) => transactionHash)).size).toBe(1);
    expect(new Set(both.map(({ arrivals }) => arrivals[1]!.guid)).size).toBe(1);
    expect(both.map(({ sequence }) => sequence)).toEqual([1n, 1n]);
    expect(await world.valuesOn('BTC-PERP', INITIAL)).toEqual([WAD / 8n, WAD / 8n]);
    expect(await world.valuesOn('BTC-PERP', MAINTENANCE)).toEqual([WAD / 16n, WAD / 16n]);
    // The parameters of the gateway stay: its margins have the buffer already.
    expect(await listConfigurations(orm(), null)).toEqual([]);
    const audit = await listAudit(orm(), 'local', { after: 0, limit: 100 });
    expect(audit.map(({ action, actor }) => `${action} ${actor}`)).toEqual([
      'proposal.create forecast',
      'proposal.execute job',
      'publication.create job',
      'publication.create job',
    ]);
    expect(audit[0]!.details).toMatchObject({ autonomous: true, market: 'BTC-PERP' });
  });

  it('is proposed once, however many workers look, and not for noise', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => plan('BTC-PERP', { [INITIAL]: WAD / 5n })));
    expect(runs.reduce((sum, { proposed }) => sum + proposed, 0)).toBe(1);
    expect(await made('BTC-PERP')).toHaveLength(2);
    await world.arrive();
    expect(await world.valuesOn('BTC-PERP', INITIAL)).toEqual([WAD / 5n, WAD / 5n]);
    expect(await plan('BTC-PERP', { [INITIAL]: WAD / 5n + WAD / 500n })).toEqual(NOTHING);
    expect(await published('BTC-PERP')).toHaveLength(3);
  });

  it('falls after a while only, when the time for a veto is over', async () => {
    expect(await plan('BTC-PERP', { [INITIAL]: WAD / 7n })).toEqual(NOTHING);
    expect(await plan('BTC-PERP', { [INITIAL]: WAD / 7n }, { lowerAfterMs: 0 })).toEqual(PROPOSED);
    const waits = (await made('BTC-PERP')).find(({ state }) => state === 'approved')!;
    expect(waits.executableAtMs! - waits.createdAtMs).toBe(600_000);
    expect(await execute(waits.executableAtMs! - 1)).toMatchObject({ executed: 0 });
    // Until then it is not proposed again.
    expect(await plan('BTC-PERP', { [INITIAL]: WAD / 7n }, { lowerAfterMs: 0 })).toEqual(NOTHING);
    expect(await execute(waits.executableAtMs!)).toMatchObject({ executed: 1 });
    // The job ran at a time to come; the rest is of now.
    const [later] = await published('BTC-PERP');
    await changePublication(orm(), later!.id, { dueAt: Date.now(), createdAt: Date.now() });
    await world.arrive();
    expect(await world.valuesOn('BTC-PERP', INITIAL)).toEqual([WAD / 7n, WAD / 7n]);
  });

  it('gives way to a rise while it waits', async () => {
    expect(await plan('BTC-PERP', { [INITIAL]: WAD / 9n }, { lowerAfterMs: 0 })).toEqual(PROPOSED);
    const waits = (await made('BTC-PERP')).find(({ state }) => state === 'approved')!;
    expect(await plan('BTC-PERP', { [INITIAL]: WAD / 4n })).toEqual(PROPOSED);
    expect(await getProposal(orm(), 'local', waits.id)).toMatchObject({ state: 'superseded' });
    await world.arrive();
    expect(await world.valuesOn('BTC-PERP', INITIAL)).toEqual([WAD / 4n, WAD / 4n]);
  });
});

describe('a person', () => {
  it('vetoes what a forecast proposed: it does not come back until the forecast has moved on', async () => {
    expect(await plan('ETH-PERP', { [INITIAL]: WAD / 4n })).toEqual(PROPOSED);
    await world.arrive();
    expect(await plan('ETH-PERP', { [INITIAL]: WAD / 8n }, { lowerAfterMs: 0 })).toEqual(PROPOSED);
    const waits = (await made('ETH-PERP')).find(({ state }) => state === 'approved')!;
    await vetoProposal(world.database, { protocol: 'local', id: waits.id, reason: 'too soon' }, 'guard');
    expect(await execute(waits.executableAtMs!)).toMatchObject({ executed: 0 });
    expect(await plan('ETH-PERP', { [INITIAL]: WAD / 8n + WAD / 1000n }, { lowerAfterMs: 0 })).toEqual(
      NOTHING,
    );
    expect(await plan('ETH-PERP', { [INITIAL]: WAD / 10n }, { lowerAfterMs: 0 })).toEqual(PROPOSED);
    expect(await world.valuesOn('ETH-PERP', INITIAL)).toEqual([WAD / 4n, WAD / 4n]);
  });

  it('freezes a market: nothing is proposed for it, and what waits is not executed', async () => {
    const waits = (await made('ETH-PERP')).find(({ state }) => state === 'approved')!;
    const frozen = { protocol: 'local', market: 'ETH-PERP', reason: 'looking into it' };
    await freezeMarket(world.database, frozen, 'guard');
    expect(await plan('ETH-PERP', { [INITIAL]: WAD / 3n })).toEqual(NOTHING);
    await execute(waits.executableAtMs!);
    expect(await getProposal(orm(), 'local', waits.id)).toMatchObject({
      state: 'superseded',
      closedReason: 'ETH-PERP is frozen',
    });
    await unfreezeMarket(world.database, { protocol: 'local', market: 'ETH-PERP' }, 'guard');
    expect(await plan('ETH-PERP', { [INITIAL]: WAD / 3n })).toEqual(PROPOSED);
    await world.arrive();
    expect(await world.valuesOn('ETH-PERP', INITIAL)).toEqual([WAD / 3n, WAD / 3n]);
  });
});

describe('what lies outside the approved bounds', () => {
  const bound = (WAD * 6n) / 10n;
  const policy = {
    ...{ signers: [`0x${'11'.repeat(20)}`], threshold: 1, timeLockSeconds: 0, noticeSeconds: 0 },
    ...{ approvalSeconds: 3600, chainId: 31337, verifyingContract: `0x${'22'.repeat(20)}`, bounds: {} },
  };
  const HAIRCUT = 'collateralHaircut';

  it('is published as far as the bounds go, and has nobody to ask without a policy', async () => {
    expect(await plan('SOL-USD', { [HAIRCUT]: (WAD * 9n) / 10n })).toEqual({
      ...{ proposed: 1, asked: 0, withoutPolicy: 1 },
    });
    await world.arrive();
    const [one] = await published('SOL-USD');
    expect(one).toMatchObject({ state: 'arrived', value: bound, computedValue: (WAD * 9n) / 10n });
    expect(states(one!)).toEqual({ hub: 'arrived', l2: 'arrived' });
    expect(await world.valuesOn('SOL-USD', HAIRCUT)).toEqual([bound, bound]);
  });

  it('becomes one ordinary proposal that says why, and needs approvals', async () => {
    await putPolicy(world.database, 'local', policy, 'test');
    expect(await plan('SOL-USD', { [HAIRCUT]: (WAD * 9n) / 10n })).toEqual({
      ...{ proposed: 0, asked: 1, withoutPolicy: 0 },
    });
    const [asked] = await made('SOL-USD');
    expect(asked).toMatchObject({
      state: 'assessing',
      autonomous: false,
      refusal: 'collateralHaircut 0.6 to 0.9: above the approved bound of 0.6',
      policy: { threshold: 1, signers: policy.signers },
      onChain: { changes: [{ kind: 'parameter', value: (WAD * 9n) / 10n, decision: null }] },
    });
    expect(await plan('SOL-USD', { [HAIRCUT]: WAD })).toEqual(NOTHING);
    await vetoProposal(world.database, { protocol: 'local', id: asked!.id, reason: 'no' }, 'guard');
    expect(await plan('SOL-USD', { [HAIRCUT]: (WAD * 9n) / 10n })).toEqual(NOTHING);
    expect(await plan('SOL-USD', { [HAIRCUT]: WAD })).toMatchObject({ proposed: 0, asked: 1 });
  });

  it('where there are no bounds at all is for approvers alone', async () => {
    expect(await plan('DOGE-USD', { [HAIRCUT]: WAD / 2n })).toMatchObject({ proposed: 0, asked: 1 });
    expect((await made('DOGE-USD'))[0]!.refusal).toBe(
      'collateralHaircut 0.5: the hub has no approved bounds for it',
    );
  });
});
