import { type Address, type Hex, hashStruct, type LocalAccount, zeroHash } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { riskHubAbi, riskOracleAbi } from '../../../chains/contracts/abi.ts';
import {
  type BoundsDecision,
  type DecisionKind,
  type Decisions,
  decisionTypedData,
  type ParameterDecision,
  signDecision,
} from '../../../chains/contracts/decisions.ts';
import { decodeValue } from '../../../chains/contracts/update-data.ts';
import { TIME_LOCK_SECONDS } from '../../../chains/devnet/deploy/risk.ts';
import { approverAccounts, devnetKey, gatewayAccount, guardianAccount } from '../../../chains/devnet/keys.ts';
import { START } from '../support/local-chains.ts';
import {
  BTC,
  draft,
  publish,
  RATE,
  type RiskDevnet,
  read,
  refusal,
  sendAs,
  startRiskDevnet,
  WAD,
} from '../support/messaging.ts';

let devnet: RiskDevnet;
let now = START;
let hub: Address;
beforeAll(async () => {
  devnet = await startRiskDevnet(['hub']);
  hub = devnet.hub.risk.hub!;
});
afterAll(() => devnet?.stop());

const [first, second, third] = approverAccounts() as [LocalAccount, LocalAccount, LocalAccount];
const stranger = privateKeyToAccount(devnetKey('stranger'));
const percent = (share: bigint) => (share * WAD) / 100n;
const day = 86_400;

let nonce = 0n;
beforeEach(async () => {
  nonce = (await read(devnet.hub.chain, hub, riskHubAbi, 'nonceOf', [BTC, RATE])) as bigint;
});

const bounds = (change: Partial<BoundsDecision> = {}): BoundsDecision => ({
  market: BTC,
  updateType: RATE,
  minValue: percent(3n),
  maxValue: percent(80n),
  nonce,
  validUntil: BigInt(now + day),
  ...change,
});
const parameter = (change: Partial<ParameterDecision> = {}): ParameterDecision => ({
  market: BTC,
  updateType: RATE,
  value: percent(90n),
  referenceId: 'proposal-7',
  nonce,
  validUntil: BigInt(now + day),
  ...change,
});

async function passTime(seconds: number): Promise<void> {
  now += seconds;
  await devnet.hub.chain.step({ timestampSeconds: now });
}

const sign = <Kind extends DecisionKind>(
  signers: readonly LocalAccount[],
  kind: Kind,
  decision: Decisions[Kind],
  chainId = devnet.hub.chain.definition.chainId,
  at = hub,
) => signDecision(signers, chainId, at, kind, decision);

const call = (functionName: string, args: readonly unknown[], from = stranger.address) => ({
  from,
  to: hub,
  abi: riskHubAbi,
  functionName,
  args,
});
const refused = (functionName: string, args: readonly unknown[], from?: Address) =>
  refusal(devnet.hub.chain, call(functionName, args, from));
const send = async (functionName: string, args: readonly unknown[], account: LocalAccount = stranger) => {
  const receipt = await sendAs(devnet.hub.chain, account, call(functionName, args));
  expect(receipt.status).toBe('success');
};
const line = async () => {
  const { sequence, minValue, maxValue } = (await read(devnet.hub.chain, hub, riskHubAbi, 'lineOf', [
    BTC,
    RATE,
  ])) as { sequence: bigint; minValue: bigint; maxValue: bigint };
  return { sequence, minValue, maxValue };
};

describe('approval', () => {
  it('of new bounds takes k approvers and the time lock; the gateway then publishes inside them', async () => {
    const decision = bounds();
    const beyond = [[draft({ value: percent(70n), sequence: 1n })]];
    expect((await refused('publish', beyond, gatewayAccount().address))[0]).toBe('OutsideBounds');
    await send('scheduleBounds', [decision, await sign([first, third], 'Bounds', decision)]);
    expect((await refused('publish', beyond, gatewayAccount().address))[0]).toBe('OutsideBounds');
    const readyAt = BigInt(now + TIME_LOCK_SECONDS);
    expect(await refused('executeBounds', [decision])).toEqual(['TimeLocked', [readyAt]]);
    await passTime(TIME_LOCK_SECONDS - 1);
    expect(await refused('executeBounds', [decision])).toEqual(['TimeLocked', [readyAt]]);
    await passTime(1);
    await send('executeBounds', [decision]);
    expect(await line()).toEqual({ sequence: 0n, minValue: percent(3n), maxValue: percent(80n) });
    expect((await publish(devnet.hub, [{ value: percent(70n), sequence: 1n }])).status).toBe('success');
    expect((await refused('executeBounds', [decision]))[0]).toBe('NotScheduled');
  });

  it('is refused below k, from a stranger, from one approver twice, and out of order', async () => {
    const decision = bounds();
    const [one, two, other] = await Promise.all(
      [first, second, stranger].map(async (signer) => (await sign([signer], 'Bounds', decision))[0]!),
    );
    const ordered = await sign([first, second], 'Bounds', decision);
    const schedule = (signatures: readonly Hex[]) => refused('scheduleBounds', [decision, signatures]);
    expect(await schedule([])).toEqual(['TooFewApprovals', [0n, 2n]]);
    expect(await schedule([one!])).toEqual(['TooFewApprovals', [1n, 2n]]);
    expect(await schedule([one!, one!])).toEqual(['SignersNotAscending', [first.address, first.address]]);
    expect((await schedule([...ordered].reverse()))[0]).toBe('SignersNotAscending');
    const withStranger = await sign([first, stranger], 'Bounds', decision);
    expect(await schedule(withStranger)).toEqual(['NotAnApprover', [stranger.address]]);
    expect((await schedule([two!, other!].sort()))[0]).toMatch(/NotAnApprover|SignersNotAscending/);
    expect((await schedule([...ordered, '0x00']))[0]).toBe('InvalidSignature');
  });

  it('holds for exactly what was signed: no other value, hub, chain or kind', async () => {
    const decision = bounds();
    const signatures = await sign([first, second], 'Bounds', decision);
    const changed = { ...decision, maxValue: decision.maxValue + 1n };
    const strange = /NotAnApprover|SignersNotAscending/;
    expect((await refused('scheduleBounds', [changed, signatures]))[0]).toMatch(strange);
    const elsewhere = await sign([first, second], 'Bounds', decision, 1);
    expect((await refused('scheduleBounds', [decision, elsewhere]))[0]).toMatch(strange);
    const otherHub = await sign([first, second], 'Bounds', decision, undefined, BTC);
    expect((await refused('scheduleBounds', [decision, otherHub]))[0]).toMatch(strange);
    const parameterSigned = await sign([first, second], 'Parameter', parameter());
    expect((await refused('scheduleBounds', [decision, parameterSigned]))[0]).toMatch(strange);
    expect(await refused('scheduleBounds', [bounds({ minValue: percent(81n) }), signatures])).toEqual([
      'InvalidBounds',
      [percent(81n), percent(80n)],
    ]);
  });

  it('refuses the malleable twin of a signature', async () => {
    const decision = bounds();
    const signatures = await sign([first, second], 'Bounds', decision);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const [r, s, v] = [signatures[0]!.slice(2, 66), signatures[0]!.slice(66, 130), signatures[0]!.slice(130)];
    const twin = `0x${r}${(order - BigInt(`0x${s}`)).toString(16).padStart(64, '0')}${v === '1b' ? '1c' : '1b'}`;
    expect((await refused('scheduleBounds', [decision, [twin, signatures[1]]]))[0]).toBe('InvalidSignature');
  });

  it('has the next nonce, once: not a later one, and not again', async () => {
    const later = bounds({ nonce: nonce + 1n });
    const laterSigned = await sign([first, second], 'Bounds', later);
    expect(await refused('scheduleBounds', [later, laterSigned])).toEqual([
      'WrongNonce',
      [nonce + 1n, nonce],
    ]);
    const decision = bounds();
    const signatures = await sign([first, second], 'Bounds', decision);
    await send('scheduleBounds', [decision, signatures]);
    const replay = ['WrongNonce', [nonce, nonce + 1n]];
    expect(await refused('scheduleBounds', [decision, signatures])).toEqual(replay);
    await passTime(TIME_LOCK_SECONDS);
    await send('executeBounds', [decision]);
    expect(await refused('scheduleBounds', [decision, signatures])).toEqual(replay);
  });

  it('lapses: too late to be scheduled, or to take effect', async () => {
    const short = bounds({ validUntil: BigInt(now + TIME_LOCK_SECONDS - 1) });
    expect(await refused('scheduleBounds', [short, await sign([first, second], 'Bounds', short)])).toEqual([
      'TooLate',
      [short.validUntil],
    ]);
    const decision = bounds({ validUntil: BigInt(now + TIME_LOCK_SECONDS + 60) });
    await send('scheduleBounds', [decision, await sign([first, second], 'Bounds', decision)]);
    await passTime(TIME_LOCK_SECONDS + 61);
    expect(await refused('executeBounds', [decision])).toEqual(['TooLate', [decision.validUntil]]);
  });

  it('is void once a newer one about the same has taken effect', async () => {
    const older = bounds({ maxValue: percent(70n) });
    const newer = bounds({ maxValue: percent(60n), nonce: nonce + 1n });
    await send('scheduleBounds', [older, await sign([first, second], 'Bounds', older)]);
    await send('scheduleBounds', [newer, await sign([first, second], 'Bounds', newer)]);
    await passTime(TIME_LOCK_SECONDS);
    await send('executeBounds', [newer]);
    expect(await refused('executeBounds', [older])).toEqual(['Overtaken', [older.nonce]]);
    expect((await line()).maxValue).toBe(percent(60n));
  });

  it('can be vetoed by the guardian alone, for good', async () => {
    const decision = bounds({ maxValue: WAD });
    const signatures = await sign([second, third], 'Bounds', decision);
    const before = await line();
    await send('scheduleBounds', [decision, signatures]);
    const id = scheduledId(decision);
    expect(await refused('veto', [id], first.address)).toEqual(['NotGuardian', [first.address]]);
    await send('veto', [id], guardianAccount());
    await passTime(TIME_LOCK_SECONDS);
    expect(await refused('executeBounds', [decision])).toEqual(['NotScheduled', [id]]);
    expect((await refused('scheduleBounds', [decision, signatures]))[0]).toBe('WrongNonce');
    expect(await refused('veto', [id], guardianAccount().address)).toEqual(['NotScheduled', [id]]);
    expect(await line()).toEqual(before);
  });
});

describe('an approved value', () => {
  it('is published outside the gateway’s bounds, by anybody, with the next sequence', async () => {
    const { sequence } = await line();
    const decision = parameter();
    await send('scheduleParameter', [decision, await sign([first, second], 'Parameter', decision)]);
    await passTime(TIME_LOCK_SECONDS);
    await send('executeParameter', [decision]);
    expect((await line()).sequence).toBe(sequence + 1n);
    const { chain, risk } = devnet.hub;
    const update = (await read(chain, risk.oracle, riskOracleAbi, 'getLatestUpdateByParameterAndMarket', [
      RATE,
      BTC,
    ])) as { newValue: Hex; referenceId: string };
    expect([decodeValue(update.newValue), update.referenceId]).toEqual([percent(90n), 'proposal-7']);
    expect((await refused('executeParameter', [decision]))[0]).toBe('NotScheduled');
  });

  it('is refused outside the bounds of the oracle, however many approved it', async () => {
    const decision = parameter({ value: WAD + 1n });
    const signatures = await sign([first, second, third], 'Parameter', decision);
    await send('scheduleParameter', [decision, signatures]);
    await passTime(TIME_LOCK_SECONDS);
    const abi = [...riskHubAbi, ...riskOracleAbi];
    expect(await refusal(devnet.hub.chain, { ...call('executeParameter', [decision]), abi })).toEqual([
      'OutOfBounds',
      [WAD + 1n, percent(1n), WAD],
    ]);
  });
});

describe('the committee', () => {
  it('appoints the next one the same way; the old one has no say after it', async () => {
    const next = {
      approvers: [stranger.address, second.address],
      threshold: 2n,
      guardian: third.address,
      nonce: 0n,
      validUntil: BigInt(now + day),
    };
    await send('scheduleCommittee', [next, await sign([first, second], 'Committee', next)]);
    await passTime(TIME_LOCK_SECONDS);
    await send('executeCommittee', [next]);
    const decision = bounds();
    const old = await sign([first, second], 'Bounds', decision);
    expect(await refused('scheduleBounds', [decision, old])).toEqual(['NotAnApprover', [first.address]]);
    await send('scheduleBounds', [decision, await sign([stranger, second], 'Bounds', decision)]);
    expect((await refused('veto', [zeroHash], guardianAccount().address))[0]).toBe('NotGuardian');
    expect(await read(devnet.hub.chain, hub, riskHubAbi, 'guardian')).toBe(third.address);
  });
});

/** The id of a scheduled decision is its struct hash: the message part of what was signed. */
function scheduledId(decision: BoundsDecision): Hex {
  const { types, primaryType, message } = decisionTypedData(1, hub, 'Bounds', decision);
  return hashStruct({ data: message, primaryType, types });
}
