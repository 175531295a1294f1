import type { Address } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createChainReader } from '../../../chains/clients/chain-reader.ts';
import { riskArtifact } from '../../../chains/contracts/artifact.ts';
import { nameToBytes32 } from '../../../chains/contracts/market-address.ts';
import { builtArtifact } from '../../../chains/devnet/artifacts.ts';
import { devnetKey } from '../../../chains/devnet/keys.ts';
import { type Database, openDatabase } from '../../../db/connection.ts';
import { attestationsPort } from '../../../gateway/attestations/port.ts';
import { databaseReservations } from '../../../gateway/attestations/reservations.ts';
import { localSigner } from '../../../gateway/attestations/signer.ts';
import { venueAccounts } from '../../../gateway/venues/venue-accounts.ts';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import { START } from '../../chains/support/local-chains.ts';
import {
  clientOf,
  owned,
  type RiskChain,
  type RiskDevnet,
  sendAs,
  startRiskDevnet,
  WAD,
} from '../../chains/support/messaging.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { type Ask, asker } from '../support/contract.ts';
import { createWorld } from '../support/gateway.ts';
import { robustPrice } from '../support/market.ts';
import { type Signed, structOf } from './struct.ts';

const venueAbi = riskArtifact('ExampleVenue').abi;
const tokenAbi = builtArtifact('DevnetToken').abi;
const holder = privateKeyToAccount(devnetKey('consumer'));
const asset = nameToBytes32('USDC');
const USDC = 10n ** 12n;

let devnet: RiskDevnet;
let postgres: TestPostgres;
let here: Database;
let there: Database;
let hub: RiskChain;
let l2: RiskChain;
let nowMs = START * 1000;
beforeAll(async () => {
  [devnet, postgres] = await Promise.all([startRiskDevnet(['hub', 'l2']), startTestPostgres()]);
  here = await postgres.openMigrated();
  there = openDatabase({ url: here.url });
  [hub, l2] = devnet.all as [RiskChain, RiskChain];
});
afterAll(async () => {
  await there?.close();
  await devnet?.stop();
  await postgres?.stop();
});

/** 20,000 of collateral on each chain, and a long of 1 BTC on the first. */
async function open(account: string): Promise<void> {
  const id = nameToBytes32(account);
  for (const { chain, risk } of [hub, l2]) {
    await owned(chain, risk.owner, risk.venue, venueAbi, 'open', [id, holder.address]);
    const rich = ((await clientOf(chain).request({ method: 'eth_accounts' } as never)) as Address[])[5]!;
    await owned(chain, rich, chain.pools.BTC!.quoteToken, tokenAbi, 'approve', [risk.venue, 10n ** 12n]);
    await owned(chain, rich, risk.venue, venueAbi, 'deposit', [id, asset, 20_000n * 10n ** 6n]);
  }
  const fill = [id, nameToBytes32('BTC-PERP'), WAD, 60_000n * WAD];
  await owned(hub.chain, hub.risk.owner, hub.risk.venue, venueAbi, 'fill', fill);
}

/** A gateway over the database; without one, each attestation is worked out alone. */
function gateway(database: Database | null): Ask {
  const clock = { nowMs: () => nowMs };
  const chains = devnet.chains.map(({ definition }) => ({
    ...definition,
    crossChain: { finalitySeconds: 0, messageSeconds: 0, trustWeight: 1 } as never,
    risk: { ...definition.risk!, protocols: { local: Object.values(definition.risk!.subjects) } },
  }));
  const readers = new Map(chains.map((one) => [one.id, createChainReader(one, { clock })] as const));
  const signer = localSigner(devnetKey('attester'));
  const world = createWorld({
    held: (accounts) => venueAccounts({ accounts, chains, readers }),
    override: (ports) => ({
      ...ports,
      attestations: {
        ...attestationsPort(chains, signer),
        ...(database === null ? {} : { reservations: databaseReservations(database) }),
      },
    }),
  });
  const ask = asker(world);
  return (path, init) => {
    world.nowMs = nowMs;
    for (const [id, price] of [
      ['BTC-USD', '60000'],
      ['USDC-USD', '1'],
    ] as const)
      world.prices.set(id, robustPrice(id, price, nowMs));
    return ask(path, init);
  };
}
async function sign(ask: Ask, account: string, of: RiskChain, more = ''): Promise<Signed> {
  const chain = of === hub ? 'hub' : 'l2';
  const answer = await ask(
    `/v1/attestations/withdrawal/${account}/USDC?chain=${chain}&consumer=${of.risk.venue}${more}`,
  );
  expect(answer.status, answer.text).toBe(200);
  return answer.json as Signed;
}
const amount = ({ values }: Signed) => wadFromDecimal(values.maxAmount!);
async function freeOf(ask: Ask, account: string): Promise<bigint> {
  const margin = (await ask(`/v1/accounts/${account}/margin`)).json as { net: { initial: string } };
  return wadFromDecimal(margin.net.initial);
}

/** What an amount of USDC covers: all but 2 %. */
const worth = (amountWad: bigint) => (amountWad * 98n) / 100n;

async function use({ chain, risk }: RiskChain, account: string, one: Signed): Promise<void> {
  const sent = await sendAs(chain, holder, {
    to: risk.venue,
    abi: venueAbi,
    functionName: 'withdraw',
    args: [nameToBytes32(account), asset, amount(one) / USDC, structOf(one), one.signature],
  });
  expect(sent.status).toBe('success');
}

describe('withdrawals of one account that are signed at the same time', () => {
  test('are together no more than may leave, whichever gateways sign them, also when all are used', async () => {
    await open('heidi');
    const [one, two, alone] = [gateway(here), gateway(there), gateway(null)];
    const free = await freeOf(alone, 'heidi');
    // Each alone: both together would take more than there is.
    const [first, second] = [await sign(alone, 'heidi', hub), await sign(alone, 'heidi', l2)];
    expect(worth(amount(first) + amount(second))).toBeGreaterThan(free);

    const both = await Promise.all([sign(one, 'heidi', hub), sign(two, 'heidi', l2)]);
    const total = worth(amount(both[0]) + amount(both[1]));
    expect(total).toBeLessThanOrEqual(free);
    // And nothing is held back: what the first left is the second's.
    expect(total).toBeGreaterThan((free * 99n) / 100n);
    await use(hub, 'heidi', both[0]);
    await use(l2, 'heidi', both[1]);
    expect(await freeOf(one, 'heidi')).toBeGreaterThanOrEqual(0n);
    const left = amount(both[0]) < 20_000n * WAD ? hub : l2;
    expect(amount(await sign(two, 'heidi', left))).toBeLessThan(WAD);
  });

  test('leave each other what they do not ask for, and take no more than once for one book of a venue', async () => {
    await open('ivan');
    const [one, two] = [gateway(here), gateway(there)];
    const free = await freeOf(one, 'ivan');
    const small = await sign(one, 'ivan', hub, '&amount=1000');
    expect(small.values.maxAmount).toBe('1000');
    const rest = amount(await sign(two, 'ivan', l2));
    // No more than the first left, and all of that or of what is there.
    expect(worth(rest)).toBeLessThanOrEqual(free - worth(1000n * WAD));
    expect(rest).toBe(20_000n * WAD);
    // Another one for the same book of the hub's venue: only one of them can be used.
    const again = await sign(two, 'ivan', hub, '&amount=1000');
    expect([again.values.maxAmount, again.values.sequence]).toEqual(['1000', small.values.sequence]);
    await use(hub, 'ivan', again);
    // It shows in the book now, and counts no longer beside it.
    expect(amount(await sign(one, 'ivan', l2))).toBe(rest);
  });

  test('free what they held once they have expired on the chain they are of', async () => {
    await open('judy');
    const [one, two] = [gateway(here), gateway(there)];
    const whole = amount(await sign(one, 'judy', l2, '&amount=1'));
    expect(whole).toBe(WAD);
    const held = await sign(one, 'judy', hub);
    expect(amount(held)).toBeGreaterThan(1000n * WAD);
    const before = amount(await sign(two, 'judy', l2));
    const second = Number(held.attestation.validUntil);
    nowMs = (second + 5) * 1000;
    // The l2 has moved on, the hub not: a use of it could still be in a block that nobody has seen.
    await l2.chain.step({ timestampSeconds: second + 5 });
    expect(amount(await sign(two, 'judy', l2))).toBe(before);
    await hub.chain.step({ timestampSeconds: second + 5 });
    expect(amount(await sign(two, 'judy', l2))).toBeGreaterThan(before + 1000n * WAD);
  });
});
