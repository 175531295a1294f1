import type { Hex, LocalAccount } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { riskArtifact } from '../../../chains/contracts/artifact.ts';
import { marketAddress } from '../../../chains/contracts/market-address.ts';
import { approverAccounts } from '../../../chains/devnet/keys.ts';
import { putPolicy } from '../../../db/queries/governance.ts';
import { getProposal } from '../../../db/queries/proposals.ts';
import { changePublication, listPublications } from '../../../db/queries/publications.ts';
import { assessProposal } from '../../../gateway/governance/assess.ts';
import { type HubDecisions, hubDecisions, hubTypedData } from '../../../gateway/governance/hub-decisions.ts';
import { ratesOf } from '../../../gateway/governance/rates.ts';
import { typedDataOf } from '../../../gateway/governance/verify-approval.ts';
import { proposals } from '../../../jobs/tasks/proposals.ts';
import { owned, WAD } from '../../chains/support/messaging.ts';
import { context } from '../../helpers/task-context.ts';
import { type PublishingWorld, publishingWorld } from '../../jobs/publishing/publishing-world.ts';
import { type Ask, asker, pick } from '../support/contract.ts';
import { jsonRequest } from '../support/gateway.ts';
import { MARKETS } from '../support/market.ts';
import { DEPLOYMENT, pushedBooks, type TenancyWorld, tenancyWorld } from '../support/tenancy.ts';

const [FIRST, SECOND, THIRD] = approverAccounts() as [LocalAccount, LocalAccount, LocalAccount];
const STRANGER_POLICY = '0x00000000000000000000000000000000000000bb';
let chains: PublishingWorld;
let tenancy: TenancyWorld;
let hub: HubDecisions;
let ask: Ask;

beforeAll(async () => {
  chains = await publishingWorld(['hub', 'l2']);
  hub = hubDecisions({
    chains: chains.devnet.chains.map(({ definition }) => definition),
    markets: [...MARKETS.values()],
    publishing: {
      hub: 'hub',
      lines: [
        ...(['initialMarginRate', 'maintenanceMarginRate'] as const).map((updateType) => ({
          ...{ protocol: 'local', market: 'BTC-PERP', updateType, autonomous: false },
        })),
        ...(['supplyCap', 'borrowCap'] as const).map((updateType) => ({
          ...{ protocol: 'local', market: 'ETH-SPOT', updateType, autonomous: false },
        })),
      ],
      ...{ maxFeeWei: '1', maxGasPriceWei: '1', minChange: '0.02', vetoSeconds: 0, lookSeconds: 5 },
      ...{ lowerAfterSeconds: 0, stuckAfterSeconds: 60 },
    },
  })!;
  tenancy = await tenancyWorld(chains.database, { hub });
  ask = asker(tenancy.world);
  await putPolicy(
    chains.database,
    'local',
    {
      signers: [...[FIRST, SECOND, THIRD].map(({ address }) => address.toLowerCase()), STRANGER_POLICY],
      ...{ threshold: 1, timeLockSeconds: 60, noticeSeconds: 0, approvalSeconds: 86_400, chainId: 31337 },
      verifyingContract: chains.publisher.hub.address.toLowerCase(),
      bounds: {},
    },
    'test',
  );
});
afterAll(async () => {
  await tenancy?.close();
  await chains?.close();
});

/** One run of the job, at a wall time; the market's price is that of the world. */
const work = (wallNowMs = Date.now()) =>
  proposals.run(
    {},
    {
      database: chains.database,
      // The market time of the hub: decisions are not carried out before they are in force.
      clock: { nowMs: () => chains.now() * 1000 },
      deploymentHash: DEPLOYMENT.parametersHash,
      wallNowMs: () => wallNowMs,
      assess: (proposal, signal) => {
        const { margin } = tenancy;
        const rates: NonNullable<Parameters<typeof assessProposal>[0]['onChain']>['rates'] = async (
          protocol,
          id,
          model,
        ) => {
          const market = MARKETS.get(id)!;
          const priceWad = tenancy.world.prices.get(market.feedId)!.market!.priceWad;
          return ratesOf({ protocol, market, model, priceWad, asOfMs: tenancy.world.nowMs, margin });
        };
        const { database } = chains;
        const asOfMs = tenancy.world.nowMs;
        const deployment = DEPLOYMENT;
        const onChain = { hub, rates };
        return assessProposal({
          database,
          books: pushedBooks(database),
          proposal,
          deployment,
          margin,
          asOfMs,
          signal,
          onChain,
        });
      },
    },
    context,
  );

const propose = (body: object) => ask('/v1/proposals', jsonRequest('POST', { title: 'a change', ...body }));
const read = async (id: string) => (await ask(`/v1/proposals/${id}`)).json;
const approve = (id: string, body: object) => ask(`/v1/proposals/${id}/approvals`, jsonRequest('POST', body));

/** Everything that a signer signs of a proposal. */
async function sign(id: string, signer: LocalAccount) {
  const proposal = await getProposal(chains.database.orm, 'local', id);
  const hubSignatures: Hex[] = [];
  for (const change of proposal.onChain?.changes ?? []) {
    hubSignatures.push(await signer.signTypedData(hubTypedData(proposal.onChain!, change) as never));
  }
  return { signature: await signer.signTypedData(typedDataOf(proposal)), hubSignatures };
}

const publicationsOf = async (proposal: string) =>
  (await listPublications(chains.database.orm, 'local', { before: null, limit: 100 })).filter(
    (one) => one.proposal === proposal,
  );

/** Publications of a job that ran at a time to come go on now. */
async function bringForward(proposal: string) {
  for (const { id } of await publicationsOf(proposal)) {
    await changePublication(chains.database.orm, id, { dueAt: Date.now() });
  }
}

async function settle(proposal: string) {
  for (let round = 0; round < 4; round++) {
    await bringForward(proposal);
    await chains.arrive();
  }
}

describe('a proposal whose change the hub publishes', () => {
  it('shows what approvers sign for the hub, and is carried to every chain when it is executed', async () => {
    const made = await propose({ parameters: { perp: { initial: 0.13, maintenance: 0.1 } } });
    expect(made.json).toMatchObject({ onChain: null, autonomous: false, market: null });
    const id = String(pick(made.json, 'id'));
    await work();
    const open = await read(id);
    // 0.13 and 0.1 times the buffer at its cap of 3.
    expect(open).toMatchObject({
      state: 'open',
      threshold: 1,
      onChain: {
        ...{ hub: 'hub', chainId: 31337, contract: chains.publisher.hub.address, threshold: 2, omitted: [] },
        changes: [
          { kind: 'parameter', updateType: 'initialMarginRate', value: '0.39', previous: null },
          { kind: 'parameter', updateType: 'maintenanceMarginRate', value: '0.3', previous: null },
        ],
      },
    });
    const typed = pick(open, 'onChain', 'changes', 0, 'typedData');
    expect(typed).toMatchObject({
      primaryType: 'Parameter',
      domain: { name: 'Breakwater RiskHub', chainId: 31337 },
      message: { value: String((WAD * 39n) / 100n), referenceId: id },
    });

    // The typed data of the answer, as a wallet takes it, gives the same signature as the contract's own types.
    const own = await sign(id, FIRST);
    const [wallet] = own.hubSignatures;
    expect(await FIRST.signTypedData(typed as never)).toBe(wallet);

    const refused = { status: 422, type: '/errors/approval-refused' };
    expect((await approve(id, { signature: own.signature })).json).toMatchObject({
      status: 400,
      errors: [{ field: 'hubSignatures' }],
    });
    const other = await sign(id, SECOND);
    const mixed = { signature: own.signature, hubSignatures: [wallet, other.hubSignatures[1]] };
    expect((await approve(id, mixed)).json).toMatchObject(refused);
    expect((await approve(id, own)).json).toMatchObject({ state: 'open' });
    // The policy asks for one, the hub for two.
    expect((await approve(id, other)).json).toMatchObject({ state: 'approved' });
    expect(await publicationsOf(id)).toEqual([]);

    expect(await work(Date.now() + 61_000)).toMatchObject({ executed: 1 });
    const queued = await publicationsOf(id);
    expect(queued.map(({ kind, source, state }) => [kind, source, state])).toEqual([
      ['parameter', 'governance', 'pending'],
      ['parameter', 'governance', 'pending'],
    ]);
    await settle(id);
    const scheduled = await publicationsOf(id);
    expect(scheduled.map(({ state, reason }) => [state, /time lock/.test(reason ?? '')])).toEqual([
      ['scheduled', true],
      ['scheduled', true],
    ]);
    await chains.mineAll(3700);
    await settle(id);
    expect((await publicationsOf(id)).map(({ state }) => state)).toEqual(['arrived', 'arrived']);
    const percent = (value: bigint) => (WAD * value) / 100n;
    expect(await chains.valuesOn('BTC-PERP')).toEqual([percent(39n), percent(39n)]);
    expect(await chains.valuesOn('BTC-PERP', 'maintenanceMarginRate')).toEqual([percent(30n), percent(30n)]);
    expect(await chains.eventsOn('BTC-PERP')).toEqual({ hub: [id, id], l2: [id, id] });
  });

  it('may decide bounds and values on chain alone, one after the other', async () => {
    const line = { market: 'BTC-PERP', updateType: 'initialMarginRate' };
    const made = await propose({
      onChain: [
        { kind: 'bounds', ...line, min: '0.01', max: '0.2' },
        { kind: 'parameter', ...line, value: '0.7' },
      ],
    });
    expect(made.status).toBe(201);
    const id = String(pick(made.json, 'id'));
    await work();
    const nonces = [0, 1].map(async (at) =>
      Number(pick(await read(id), 'onChain', 'changes', at, 'typedData', 'message', 'nonce')),
    );
    const [first, second] = await Promise.all(nonces);
    expect(second).toBe(first! + 1);
    for (const signer of [SECOND, THIRD]) await approve(id, await sign(id, signer));
    await work(Date.now() + 61_000);
    await settle(id);
    await chains.mineAll(3700);
    await settle(id);
    expect((await publicationsOf(id)).map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual([
      'bounds arrived',
      'parameter arrived',
    ]);
    const at = { market: (await publicationsOf(id))[0]!.marketAddress as Hex, updateType: line.updateType };
    expect(await chains.publisher.hub.line(at)).toMatchObject({ minValue: WAD / 100n, maxValue: WAD / 5n });
    const value = (WAD * 7n) / 10n;
    expect(await chains.valuesOn('BTC-PERP')).toEqual([value, value]);
    // The parameters of the gateway are what they were.
    expect(await read(id)).toMatchObject({ state: 'executed' });
    const market = (await ask('/v1/protocols/local/markets')).json;
    expect(pick(market, 'markets', 0, 'configurationVersion')).not.toBe(2);
  });

  it('is refused for a parameter that is not published, for empty bounds, and for a signer whom the hub does not know', async () => {
    const line = { market: 'ETH-PERP', updateType: 'initialMarginRate' };
    expect((await propose({ onChain: [{ kind: 'parameter', ...line, value: '0.1' }] })).json).toMatchObject({
      status: 404,
      type: '/errors/unknown-parameter-line',
    });
    const bounds = { kind: 'bounds', ...line, market: 'BTC-PERP', min: '0.2', max: '0.1' };
    expect((await propose({ onChain: [bounds] })).json).toMatchObject({
      status: 400,
      errors: [{ field: 'onChain.min' }],
    });
    const { isApprover } = hub;
    expect(await Promise.all([FIRST.address, STRANGER_POLICY].map((one) => isApprover(one)))).toEqual([
      true,
      false,
    ]);
  });

  it('is vetoed before its execution: nothing goes to the hub', async () => {
    const line = { market: 'BTC-PERP', updateType: 'initialMarginRate' };
    const made = await propose({ onChain: [{ kind: 'parameter', ...line, value: '0.15' }] });
    const id = String(pick(made.json, 'id'));
    await work();
    for (const signer of [FIRST, THIRD]) await approve(id, await sign(id, signer));
    await ask(`/v1/proposals/${id}/veto`, jsonRequest('POST', { reason: 'a typing error' }));
    await work(Date.now() + 61_000);
    expect(await publicationsOf(id)).toEqual([]);
  });

  it('takes a cap of a lending market to the hub as it is, and leaves out one that is lifted', async () => {
    // The owner of each RiskOracle names what may be published there, and between what.
    const { abi } = riskArtifact('RiskOracle');
    for (const { chain, risk } of chains.devnet.all) {
      for (const name of ['supplyCap', 'borrowCap']) {
        await owned(chain, risk.owner, risk.oracle, abi, 'addUpdateType', [name]);
        const most = [name, marketAddress('ETH-SPOT'), 0n, 1_000_000n * WAD];
        await owned(chain, risk.owner, risk.oracle, abi, 'setBounds', most);
      }
    }
    const made = await propose({
      parameters: { lending: { 'ETH-SPOT': { supplyCap: '12000', borrowCap: '4000.5' } } },
    });
    const id = String(pick(made.json, 'id'));
    await work();
    expect(pick(await read(id), 'onChain')).toMatchObject({
      omitted: [],
      changes: [
        { kind: 'parameter', market: 'ETH-SPOT', updateType: 'supplyCap', value: '12000', previous: null },
        { kind: 'parameter', market: 'ETH-SPOT', updateType: 'borrowCap', value: '4000.5', previous: null },
      ],
    });
    for (const signer of [FIRST, SECOND]) await approve(id, await sign(id, signer));
    expect(await work(Date.now() + 61_000)).toMatchObject({ executed: 1 });
    await settle(id);
    await chains.mineAll(3700);
    await settle(id);
    expect((await publicationsOf(id)).map(({ state }) => state)).toEqual(['arrived', 'arrived']);
    const supplyCap = hub.lines('local').find(({ updateType }) => updateType === 'supplyCap')!;
    expect(await hub.present(supplyCap)).toBe(12_000n * WAD);

    const lifted = await propose({ parameters: { lending: { 'ETH-SPOT': { supplyCap: 'none' } } } });
    await work();
    expect(pick(await read(String(pick(lifted.json, 'id'))), 'onChain')).toMatchObject({
      changes: [],
      omitted: [
        { market: 'ETH-SPOT', updateType: 'supplyCap', reason: 'a lifted cap has no value on chain' },
      ],
    });
  });
});
