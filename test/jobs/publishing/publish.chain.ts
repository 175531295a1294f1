import { type Address, parseEventLogs } from 'viem';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { riskHubAbi, riskOracleAbi, riskReceiverAbi } from '../../../chains/contracts/abi.ts';
import {
  type BoundsDecision,
  type ParameterDecision,
  signDecision,
} from '../../../chains/contracts/decisions.ts';
import { marketAddress } from '../../../chains/contracts/market-address.ts';
import { decodeValue } from '../../../chains/contracts/update-data.ts';
import { approverAccounts, gatewayAccount } from '../../../chains/devnet/keys.ts';
import { type LayerZeroWorkers, startLayerZeroWorkers } from '../../../chains/layerzero/workers.ts';
import { decisionId, publicationId } from '../../../chains/publisher/hub.ts';
import type { Database } from '../../../db/connection.ts';
import {
  changePublication,
  createPublication,
  listPublications,
  type PublicationView,
  publicationOf,
} from '../../../db/queries/publications.ts';
import { chainTransactions, publicationArrivals, publications } from '../../../db/schema/publications.ts';
import {
  createPublisher,
  type Publisher,
  type PublisherOptions,
} from '../../../jobs/publishing/publisher.ts';
import { publishPlan } from '../../../jobs/tasks/publish-plan.ts';
import { publishSend } from '../../../jobs/tasks/publish-send.ts';
import { publishTrack } from '../../../jobs/tasks/publish-track.ts';
import { START } from '../../chains/support/local-chains.ts';
import { clientOf, type RiskDevnet, read, startRiskDevnet, WAD } from '../../chains/support/messaging.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { runEntry } from '../../helpers/program.ts';
import { context } from '../../helpers/task-context.ts';
import { startKillingRelay } from './killing-relay.ts';

const RATE = 'initialMarginRate';
let postgres: TestPostgres;
let database: Database;
let devnet: RiskDevnet;
let workers: LayerZeroWorkers;
let publisher: Publisher;
let time = START;

beforeAll(async () => {
  postgres = await startTestPostgres();
  [database, devnet] = await Promise.all([postgres.openMigrated(), startRiskDevnet(['hub', 'l2', 'l2b'])]);
  workers = startLayerZeroWorkers({ chains: devnet.chains, pollMs: null });
  publisher = make();
});
afterAll(async () => {
  await workers?.stop();
  await devnet?.stop();
  await postgres?.stop();
});
afterEach(async () => {
  workers.switches.dvns.fill('verifying');
  workers.switches.executor = 'executing';
});

function make(options: Partial<PublisherOptions> = {}): Publisher {
  return createPublisher({
    database,
    chains: devnet.chains.map(({ definition }) => definition),
    hub: 'hub',
    account: gatewayAccount(),
    maxFeeWei: 10n ** 17n,
    maxGasPriceWei: 10n ** 11n,
    stuckAfterMs: 60_000,
    confirmations: 3,
    retryFirstMs: 0,
    ...options,
  });
}

const send = (with_ = publisher) => publishSend.run({}, { publisher: with_ }, context);
const track = (with_ = publisher) => publishTrack.run({}, { publisher: with_ }, context);
/** One block on every chain, after which the market goes on. */
async function mineAll(): Promise<void> {
  time += 1;
  await Promise.all(devnet.chains.map((chain) => chain.step({ timestampSeconds: time })));
}
const view = async (id: string) => (await publicationOf(database.orm, id)) as PublicationView;
const states = ({ arrivals }: PublicationView) =>
  Object.fromEntries(arrivals.map(({ chain, state }) => [chain, state]));

let asOfMs = 0;
async function ask(market: string, value: bigint): Promise<string> {
  asOfMs += 1;
  const address = marketAddress(market);
  const { address: hub } = publisher.hub;
  const line = { market: address, updateType: RATE };
  const id = publicationId({ chainId: 31337, hub, ...line, value, previous: '', asOfMs });
  const made = { id, protocol: 'local', source: 'forecast', kind: 'value', hub: 'hub', market } as const;
  const where = { marketAddress: address, updateType: RATE };
  await createPublication(
    database,
    { ...made, ...where, value, computedValue: value, decision: null },
    'test',
  );
  return id;
}

/** Publications of a line that the hub and the receivers reported, from the chains themselves. */
async function eventsOn(market: string) {
  const at = marketAddress(market);
  const counts: Record<string, string[]> = {};
  for (const { chain, risk } of devnet.all) {
    const logs = await clientOf(chain).getLogs({ address: risk.oracle, fromBlock: 0n });
    counts[chain.definition.id] = parseEventLogs({ abi: riskOracleAbi, logs, eventName: 'ParameterUpdated' })
      .filter(({ args }) => args.market === at)
      .map(({ args }) => args.referenceId);
  }
  return counts;
}

const onEvery = (references: readonly string[]) => ({ hub: references, l2: references, l2b: references });

async function valuesOn(market: string): Promise<readonly bigint[]> {
  return Promise.all(
    devnet.all.map(async ({ chain, risk }) => {
      const args = [RATE, marketAddress(market)];
      const name = 'getLatestUpdateByParameterAndMarket';
      const update = (await read(chain, risk.oracle, riskOracleAbi, name, args)) as {
        newValue: `0x${string}`;
      };
      return decodeValue(update.newValue);
    }),
  );
}

describe('a publication', () => {
  it('goes to the hub and by LayerZero to every chain, and is closed when no block of it can be replaced', async () => {
    const id = await ask('BTC-PERP', WAD / 8n);
    expect((await view(id)).state).toBe('pending');
    expect(await send()).toEqual({ sent: 1, waiting: 0, refused: 0 });
    expect(await view(id)).toMatchObject({ state: 'sending', sequence: 1n, publishedAt: null });
    await workers.round();
    await send();
    await track();
    const there = await view(id);
    expect([there.state, states(there)]).toEqual([
      'arrived',
      { hub: 'arrived', l2: 'arrived', l2b: 'arrived' },
    ]);
    expect(there.closedAt).toBeNull();
    expect(await valuesOn('BTC-PERP')).toEqual([WAD / 8n, WAD / 8n, WAD / 8n]);
    const receipt = await clientOf(devnet.hub.chain).getTransactionReceipt({
      hash: there.transactionHash as `0x${string}`,
    });
    expect([receipt.status, receipt.blockNumber]).toEqual(['success', there.blockNumber]);
    expect(there.feeWei! > 0n && there.feeWei! <= 10n ** 17n).toBe(true);
    for (let block = 0; block < 3; block++) await mineAll();
    await track();
    expect((await view(id)).closedAt).not.toBeNull();
    expect(await eventsOn('BTC-PERP')).toEqual(onEvery([id]));
  });

  it('is stored once per id, replaces one that was not sent, and is refused outside the approved bounds', async () => {
    const first = await ask('BTC-PERP', WAD / 9n);
    asOfMs -= 1;
    expect(await ask('BTC-PERP', WAD / 9n)).toBe(first);
    const second = await ask('BTC-PERP', WAD);
    expect(await view(first)).toMatchObject({ state: 'superseded', reason: `replaced by ${second}` });
    expect(await send()).toEqual({ sent: 0, waiting: 0, refused: 1 });
    const refused = await view(second);
    expect(refused.state).toBe('refused');
    expect(refused.reason).toContain('OutsideBounds');
    expect(await valuesOn('BTC-PERP')).toEqual([WAD / 8n, WAD / 8n, WAD / 8n]);
  });

  it('waits while its fee is above the bound, with the figures, and goes out when it is not', async () => {
    const id = await ask('BTC-PERP', WAD / 5n);
    expect(await send(make({ maxFeeWei: 1000n }))).toEqual({ sent: 0, waiting: 1, refused: 0 });
    const waiting = await view(id);
    expect([waiting.state, waiting.attempts]).toEqual(['pending', 1]);
    expect(waiting.reason).toMatch(
      /^fee-above-bound: the message fee of \d{4,} wei is above the bound of 1000 wei$/,
    );
    expect(await send(make({ maxGasPriceWei: 0n }))).toEqual({ sent: 0, waiting: 1, refused: 0 });
    expect((await view(id)).reason).toMatch(/^fee-above-bound: the gas price/);
    await send();
    await workers.round();
    await send();
    await track();
    expect(await view(id)).toMatchObject({ state: 'arrived', reason: null, sequence: 2n });
  });

  it('follows another of its line only when that one is in a block, and both get sequences of their own', async () => {
    const first = await ask('BTC-PERP', WAD / 6n);
    await send();
    const second = await ask('BTC-PERP', WAD / 7n);
    expect(await send()).toEqual({ sent: 0, waiting: 0, refused: 0 });
    await workers.round();
    expect(await send()).toEqual({ sent: 1, waiting: 0, refused: 0 });
    await workers.round();
    await send();
    await track();
    expect([(await view(first)).sequence, (await view(second)).sequence]).toEqual([3n, 4n]);
    expect(states(await view(first)).l2).toBe('overtaken');
    expect(states(await view(second)).l2).toBe('arrived');
  });
});

describe('a publisher that is killed with -9', () => {
  it.each(['before', 'after'] as const)(
    '%s the node has its transaction loses nothing and sends nothing twice',
    async (when) => {
      const market = when === 'before' ? 'SOL-PERP' : 'ETH-PERP';
      const id = await ask(market, WAD / 4n);
      let kill = () => {};
      const [target] = devnet.hub.chain.definition.rpcUrls;
      const relay = await startKillingRelay(target!, when, () => kill());
      const chains = devnet.chains.map(({ definition }) =>
        definition.id === 'hub' ? { ...definition, rpcUrls: [relay.url] } : definition,
      );
      const environment = { PUBLISH: JSON.stringify({ url: database.url, chains }) };
      const program = runEntry('test/jobs/publishing/publish-once.ts', [], environment);
      kill = () => void process.kill(program.child.pid!, 'SIGKILL');
      await program.exited;
      await relay.stop();
      expect(program.output()).not.toContain('published');
      expect((await view(id)).state).toBe('sending');
      await workers.round();
      expect(await eventsOn(market)).toEqual(when === 'before' ? onEvery([]) : onEvery([id]));
      for (let round = 0; round < 3; round++) {
        await send();
        await workers.round();
        await track();
      }
      expect((await view(id)).state).toBe('arrived');
      expect(await eventsOn(market)).toEqual(onEvery([id]));
    },
  );

  it('and whose database came back from before the publication finds it on chain', async () => {
    const id = await ask('SOL-PERP', WAD / 3n);
    await send();
    await workers.round();
    await database.orm.delete(chainTransactions);
    await database.orm.delete(publicationArrivals);
    await database.orm.delete(publications);
    asOfMs -= 1;
    expect(await ask('SOL-PERP', WAD / 3n)).toBe(id);
    await send();
    await track();
    const found = await view(id);
    expect([found.state, states(found)]).toEqual([
      'arrived',
      { hub: 'arrived', l2: 'arrived', l2b: 'arrived' },
    ]);
    expect((await eventsOn('SOL-PERP')).hub!.filter((reference) => reference === id)).toHaveLength(1);
  });
});

describe('a reorganisation of the hub', () => {
  it('that takes the block with the message is noticed, and the same transaction goes out again', async () => {
    workers.switches.dvns.fill('silent');
    const id = await ask('ETH-PERP', WAD / 3n);
    await send();
    await devnet.hub.chain.transact();
    await send();
    await track();
    const before = await view(id);
    expect([before.state, states(before)]).toEqual([
      'published',
      { hub: 'arrived', l2: 'waiting', l2b: 'waiting' },
    ]);
    await devnet.hub.chain.rollBack(1);
    await send();
    const gone = await view(id);
    expect([gone.state, gone.blockNumber, states(gone).hub]).toEqual(['sending', null, 'waiting']);
    expect(gone.reason).toBe('the block that held it was replaced; it is sent again');
    workers.switches.dvns.fill('verifying');
    await workers.round();
    await send();
    await track();
    const after = await view(id);
    expect([after.state, after.sequence]).toEqual(['arrived', before.sequence]);
    expect(after.transactionHash).toBe(before.transactionHash);
    const events = await eventsOn('ETH-PERP');
    for (const references of Object.values(events)) {
      expect(references.filter((reference) => reference === id)).toHaveLength(1);
    }
    expect(await valuesOn('ETH-PERP')).toEqual([WAD / 3n, WAD / 3n, WAD / 3n]);
  });
});

describe('a message that is stuck', () => {
  const impatient = () => make({ stuckAfterMs: 0 });

  it('with the DVNs is named, sent again within the bounds, and applied once when they are back', async () => {
    workers.switches.dvns[1] = 'silent';
    const id = await ask('BTC-PERP', WAD / 10n);
    await send();
    await workers.round();
    await send();
    await track(impatient());
    const stuck = await view(id);
    expect([stuck.state, states(stuck)]).toEqual([
      'published',
      { hub: 'arrived', l2: 'stuck', l2b: 'stuck' },
    ]);
    expect(stuck.arrivals[1]!.reason).toBe('not verified by the DVNs yet; sent again');
    await workers.round();
    await send();
    await track();
    expect(states(await view(id)).l2).toBe('stuck');
    workers.switches.dvns[1] = 'verifying';
    await workers.round();
    await workers.round();
    await track();
    expect((await view(id)).state).toBe('arrived');
    for (const references of Object.values(await eventsOn('BTC-PERP'))) {
      expect(references.filter((reference) => reference === id)).toHaveLength(1);
    }
  });

  it('at a silent executor is executed by the gateway itself', async () => {
    workers.switches.executor = 'committing-only';
    const id = await ask('BTC-PERP', WAD / 11n);
    await send();
    await workers.round();
    await send();
    await track(impatient());
    expect((await view(id)).arrivals[1]!.reason).toBe('verified, but not executed; executed again');
    await mineAll();
    await track();
    expect((await view(id)).state).toBe('arrived');
    expect(await valuesOn('BTC-PERP')).toEqual([WAD / 11n, WAD / 11n, WAD / 11n]);
  });
});

describe('decisions of the approvers', () => {
  const at = marketAddress('SOL-PERP');
  async function decide(
    decision: BoundsDecision | ParameterDecision,
    signers = approverAccounts().slice(0, 2),
  ) {
    const { address } = publisher.hub;
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
    const where = { marketAddress: at, updateType: RATE, value, computedValue: null };
    await createPublication(
      database,
      { ...made, ...where, decision: { kind, decision, signatures } },
      'test',
    );
    return id;
  }
  const settle = async () => {
    await send();
    await workers.round();
    await send();
    await track();
  };

  it('are carried to the hub, wait out its time lock, and reach every chain beyond the bounds of the key', async () => {
    const nonce = await publisher.hub.nonceOf({ market: at, updateType: RATE });
    const validUntil = BigInt(START + 100_000);
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
    const scheduled = await view(id);
    expect(scheduled.state).toBe('scheduled');
    await changePublication(database.orm, id, { dueAt: Date.now() });
    await send();
    expect((await view(id)).reason).toMatch(/^its time lock ends at 2023-/);
    time += 3700;
    await mineAll();
    await changePublication(database.orm, id, { dueAt: Date.now() });
    await settle();
    expect((await view(id)).state).toBe('arrived');
    expect(await valuesOn('SOL-PERP')).toEqual([(WAD * 6n) / 10n, (WAD * 6n) / 10n, (WAD * 6n) / 10n]);
    expect((await eventsOn('SOL-PERP')).l2!.at(-1)).toBe(reference);
  });

  it('of too few, or of a stranger, are refused by the hub with its reason', async () => {
    const nonce = await publisher.hub.nonceOf({ market: at, updateType: RATE });
    const validUntil = BigInt(time + 100_000);
    const bounds = { market: at, updateType: RATE, minValue: 0n, maxValue: WAD, nonce, validUntil };
    const few = await decide(bounds, approverAccounts().slice(0, 1));
    await send();
    expect((await view(few)).reason).toContain('TooFewApprovals(1, 2)');
    const strange = await decide({ ...bounds, maxValue: WAD / 2n }, [
      approverAccounts()[0]!,
      gatewayAccount(),
    ]);
    await send();
    expect([(await view(strange)).state, (await view(strange)).reason]).toEqual([
      'refused',
      expect.stringContaining('NotAnApprover'),
    ]);
  });

  it('about bounds take effect once, on the hub alone', async () => {
    const nonce = await publisher.hub.nonceOf({ market: at, updateType: RATE });
    const validUntil = BigInt(time + 100_000);
    const id = await decide({
      market: at,
      updateType: RATE,
      minValue: WAD / 100n,
      maxValue: WAD / 3n,
      nonce,
      validUntil,
    });
    await settle();
    time += 3700;
    await mineAll();
    await changePublication(database.orm, id, { dueAt: Date.now() });
    await settle();
    const done = await view(id);
    expect([done.state, states(done)]).toEqual(['arrived', { hub: 'arrived' }]);
    const args = [at, RATE] as const;
    const line = await read(devnet.hub.chain, devnet.hub.risk.hub!, riskHubAbi, 'lineOf', args);
    expect(line).toMatchObject({ minValue: WAD / 100n, maxValue: WAD / 3n });
  });
});

describe('what a forecast asks for', () => {
  const at = marketAddress('SOL-USD');
  const line = { protocol: 'local', market: 'SOL-USD', marketAddress: at, updateType: 'collateralHaircut' };
  const plan = (value: bigint | null, lowerAfterMs = 60_000) => {
    asOfMs += 1;
    const target = async () => (value === null ? null : { valueWad: value, asOfMs });
    const ports = { publisher, lines: [line], target, minChangeWad: WAD / 50n, lowerAfterMs };
    return publishPlan.run({}, ports, context);
  };
  const arrive = async () => {
    await send();
    await workers.round();
    await send();
    await track();
  };
  const last = async () => (await listPublications(database.orm, 'local', { before: null, limit: 1 }))[0]!;
  const haircuts = () =>
    Promise.all(
      devnet.all.map(async ({ chain, risk }) => {
        const args = ['collateralHaircut', at];
        const name = 'getLatestUpdateByParameterAndMarket';
        const update = (await read(chain, risk.oracle, riskOracleAbi, name, args)) as {
          newValue: `0x${string}`;
        };
        return decodeValue(update.newValue);
      }),
    );

  it('is raised at once on every chain, lowered only after a while, and left alone where little changes', async () => {
    expect(await plan(null)).toEqual({ planned: 0 });
    expect(await plan(WAD / 10n)).toEqual({ planned: 1 });
    await arrive();
    expect(await haircuts()).toEqual([WAD / 10n, WAD / 10n, WAD / 10n]);
    expect(await plan(WAD / 10n + WAD / 1000n)).toEqual({ planned: 0 });
    expect(await plan(WAD / 4n)).toEqual({ planned: 1 });
    await arrive();
    expect(await last()).toMatchObject({ state: 'arrived', sequence: 2n, value: WAD / 4n });
    expect(await haircuts()).toEqual([WAD / 4n, WAD / 4n, WAD / 4n]);
    expect(await plan(WAD / 8n)).toEqual({ planned: 0 });
    expect(await plan(WAD / 8n, 0)).toEqual({ planned: 1 });
    await arrive();
    expect(await haircuts()).toEqual([WAD / 8n, WAD / 8n, WAD / 8n]);
  });

  it('goes as far as the approved bounds, and what was computed is kept beside it', async () => {
    expect(await plan((WAD * 9n) / 10n)).toEqual({ planned: 1 });
    await arrive();
    const bound = (WAD * 6n) / 10n;
    expect(await last()).toMatchObject({ state: 'arrived', value: bound, computedValue: (WAD * 9n) / 10n });
    expect(await haircuts()).toEqual([bound, bound, bound]);
  });
});

it('pages through the publications of one protocol, newest first', async () => {
  const all = await listPublications(database.orm, 'local', { before: null, limit: 100 });
  const [first, second] = all;
  const before = { createdAtMs: first!.createdAt, id: first!.id };
  const page = await listPublications(database.orm, 'local', { before, limit: 1 });
  expect(page.map(({ id }) => id)).toEqual([second!.id]);
  expect(await listPublications(database.orm, 'other', { before: null, limit: 100 })).toEqual([]);
  const { receiver } = devnet.others[0]!.risk;
  const args = [marketAddress('BTC-PERP'), RATE];
  const received = await read(
    devnet.others[0]!.chain,
    receiver as Address,
    riskReceiverAbi,
    'lastSequenceOf',
    args,
  );
  expect(received).toBe(6n);
});
