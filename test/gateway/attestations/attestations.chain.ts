import { recover } from 'tiny-secp256k1';
import { type Address, bytesToHex, getAddress, type Hex, hexToBytes, keccak256, sliceHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createChainReader } from '../../../chains/clients/chain-reader.ts';
import { attestationVerifierAbi } from '../../../chains/contracts/abi.ts';
import { riskArtifact } from '../../../chains/contracts/artifact.ts';
import type { Attestation } from '../../../chains/contracts/attestation.ts';
import { nameToBytes32 } from '../../../chains/contracts/market-address.ts';
import { builtArtifact } from '../../../chains/devnet/artifacts.ts';
import { attesterAccount, devnetKey, gatewayAccount } from '../../../chains/devnet/keys.ts';
import { attestationsPort } from '../../../gateway/attestations/port.ts';
import { localSigner, type Signer } from '../../../gateway/attestations/signer.ts';
import { venueAccounts } from '../../../gateway/venues/venue-accounts.ts';
import { START } from '../../chains/support/local-chains.ts';
import {
  clientOf,
  owned,
  type RiskDevnet,
  read,
  refusal,
  sendAs,
  startRiskDevnet,
  WAD,
} from '../../chains/support/messaging.ts';
import { spelledOutDigest } from '../../chains/support/typed-data-by-hand.ts';
import { type Ask, asker } from '../support/contract.ts';
import { createWorld, type World } from '../support/gateway.ts';
import { robustPrice } from '../support/market.ts';
import { withBook } from '../support/with-book.ts';
import { type Signed, structOf } from './struct.ts';

const consumer = privateKeyToAccount(devnetKey('consumer'));
const stranger = privateKeyToAccount(devnetKey('stranger')).address;
const START_MS = START * 1000;

let devnet: RiskDevnet;
beforeAll(async () => {
  devnet = await startRiskDevnet(['hub', 'l2']);
});
afterAll(() => devnet?.stop());

/** A gateway whose market time is that of the local chains, with a key that the verifiers know or another. */
function gatewayAt(signer: Signer = localSigner(devnetKey('attester'))): World {
  const chains = devnet.chains.map(({ definition }) => ({
    ...definition,
    risk: { ...definition.risk!, protocols: { local: [consumer.address] } },
  }));
  const world = createWorld({
    override: (ports) => ({ ...ports, attestations: attestationsPort(chains, signer) }),
  });
  world.nowMs = START_MS;
  for (const [id, price] of [
    ['BTC-USD', '60000'],
    ['ETH-USD', '3000'],
    ['USDC-USD', '1'],
  ] as const) {
    world.prices.set(id, robustPrice(id, price, START_MS));
  }
  return world;
}

const query = (chain: string, more = '') => `?chain=${chain}&consumer=${consumer.address}${more}`;
async function signed(ask: Ask, path: string): Promise<Signed> {
  const answer = await ask(`/v1/attestations/${path}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.json as Signed;
}

const verify = (index: number, one: Signed) =>
  read(devnet.all[index]!.chain, devnet.all[index]!.risk.verifier, attestationVerifierAbi, 'verify', [
    structOf(one),
    one.signature,
  ]);
const call = (struct: Attestation, signature: string, functionName = 'verify', from: Address = stranger) => ({
  from,
  to: devnet.hub.risk.verifier,
  abi: attestationVerifierAbi,
  functionName,
  args: [struct, signature],
});
const refused = async (struct: Attestation, signature: string) =>
  (await refusal(devnet.hub.chain, call(struct, signature)))[0];

describe('an answer signed by the gateway', () => {
  test('is accepted on the chain that it names, and by libsecp256k1 over words put together by hand', async () => {
    const ask = await withBook(gatewayAt());
    for (const path of ['margin/alice', 'price/BTC-USD']) {
      for (const [index, chain] of ['hub', 'l2'].entries()) {
        const one = await signed(ask, path + query(chain));
        expect(await verify(index, one)).toBe(attesterAccount().address);
        const digest = spelledOutDigest(structOf(one));
        expect(one.digest).toBe(digest);
        const bytes = hexToBytes(one.signature as Hex);
        const key = recover(hexToBytes(digest), bytes.slice(0, 64), (bytes[64]! - 27) as 0 | 1, false)!;
        const signer = getAddress(sliceHex(keccak256(bytesToHex(key.slice(1))), 12));
        expect([signer, one.signer]).toEqual([attesterAccount().address, attesterAccount().address]);
      }
    }
  });

  test('says what the answer says', async () => {
    const ask = await withBook(gatewayAt());
    const margin = (await ask('/v1/accounts/alice/margin')).json as {
      equity: string;
      net: { initial: string; maintenance: string };
      status: string;
    };
    const { values, attestation } = await signed(ask, `margin/alice${query('hub', '&nonce=42&validFor=4')}`);
    expect(values).toMatchObject({
      equity: margin.equity,
      netInitial: margin.net.initial,
      netMaintenance: margin.net.maintenance,
      status: margin.status,
      sequence: '1',
    });
    expect(attestation).toMatchObject({
      account: `0x${Buffer.from('alice').toString('hex').padEnd(64, '0')}`,
      nonce: '42',
      asOf: String(START),
      validFrom: String(START),
      validUntil: String(START + 4),
    });
    const whole = await signed(ask, `margin/alice${query('hub', '&validFor=99999')}`);
    expect(whole.attestation.validUntil).toBe(String(START + 10));
  });

  test('is refused with any digit changed, elsewhere, later, again, and of an unknown signer', async () => {
    const ask = await withBook(gatewayAt());
    const one = await signed(ask, `margin/alice${query('hub')}`);
    const struct = structOf(one);
    for (let place = 2; place < struct.data.length; place += 61) {
      const digit = struct.data[place] === '0' ? '1' : '0';
      const data = `${struct.data.slice(0, place)}${digit}${struct.data.slice(place + 1)}` as Hex;
      expect(await refused({ ...struct, data }, one.signature)).toBe('UnknownSigner');
    }
    expect(await refused({ ...struct, validUntil: struct.validUntil + 9n }, one.signature)).toBe(
      'UnknownSigner',
    );
    const there = await signed(ask, `margin/alice${query('l2')}`);
    expect(await refused(structOf(there), there.signature)).toBe('WrongChain');

    const { chain } = devnet.hub;
    const consumed = call(struct, one.signature, 'consume', consumer.address);
    expect((await refusal(chain, { ...consumed, from: stranger }))[0]).toBe('NotConsumer');
    expect((await sendAs(chain, consumer, consumed)).status).toBe('success');
    expect((await refusal(chain, consumed))[0]).toBe('NonceConsumed');
    const again = await signed(ask, `margin/alice${query('hub', `&nonce=${one.attestation.nonce}`)}`);
    expect(await refused(structOf(again), again.signature)).toBe('NonceConsumed');

    const other = await withBook(gatewayAt(localSigner(devnetKey('gateway'))));
    const unknown = await signed(other, `margin/alice${query('hub')}`);
    expect(await refusal(chain, call(structOf(unknown), unknown.signature))).toEqual([
      'UnknownSigner',
      [gatewayAccount().address],
    ]);

    // Made in the past, so that it has run out by the time of the chain.
    const past = gatewayAt();
    past.nowMs = START_MS - 60_000;
    for (const id of past.prices.keys()) past.prices.set(id, robustPrice(id, '1', past.nowMs));
    const old = await signed(await withBook(past), `price/USDC-USD${query('hub')}`);
    expect(await refused(structOf(old), old.signature)).toBe('Expired');
  });
});

describe('a withdrawal from a venue', () => {
  // With the errors of the verifier that it asks.
  const venueAbi = [...riskArtifact('ExampleVenue').abi, ...attestationVerifierAbi];
  const tokenAbi = builtArtifact('DevnetToken').abi;
  const [account, asset] = [nameToBytes32('grace'), nameToBytes32('USDC')];

  test('is paid up to what the gateway signs, at the book that it was read from, and not twice', async () => {
    const { chain, risk } = devnet.hub;
    await owned(chain, risk.owner, risk.venue, venueAbi, 'open', [account, consumer.address]);
    const { quoteToken } = chain.pools.BTC!;
    const rich = ((await clientOf(chain).request({ method: 'eth_accounts' } as never)) as Address[])[5]!;
    await owned(chain, rich, quoteToken, tokenAbi, 'approve', [risk.venue, 10n ** 12n]);
    await owned(chain, rich, risk.venue, venueAbi, 'deposit', [account, asset, 20_000n * 10n ** 6n]);
    await owned(chain, risk.owner, risk.venue, venueAbi, 'fill', [
      account,
      nameToBytes32('BTC-PERP'),
      WAD,
      60_000n * WAD,
    ]);

    const clock = { nowMs: () => START_MS };
    const chains = devnet.chains.map(({ definition }) => ({
      ...definition,
      risk: { ...definition.risk!, protocols: { local: Object.values(definition.risk!.subjects) } },
    }));
    const readers = new Map(chains.map((one) => [one.id, createChainReader(one, { clock })] as const));
    const world = createWorld({
      held: (accounts) => venueAccounts({ accounts, chains, readers }),
      override: (ports) => ({
        ...ports,
        attestations: attestationsPort(chains, localSigner(devnetKey('attester'))),
      }),
    });
    world.nowMs = START_MS;
    for (const [id, price] of [
      ['BTC-USD', '60000'],
      ['USDC-USD', '1'],
    ] as const)
      world.prices.set(id, robustPrice(id, price, START_MS));
    const ask = asker(world);

    const one = await signed(ask, `withdrawal/grace/USDC?chain=hub&consumer=${risk.venue}`);
    // Opened, deposited, filled.
    expect(one.values).toMatchObject({ asset: 'USDC', sequence: '3' });
    const capacity = (await ask('/v1/accounts/grace/capacity')).json as {
      withdrawals: { collateral: { amount: string }[] };
    };
    expect(one.values.maxAmount).toBe(capacity.withdrawals.collateral[0]!.amount);
    const most = BigInt(Math.floor(Number(one.values.maxAmount) * 1e6));
    expect(most > 0n && most < 20_000n * 10n ** 6n).toBe(true);

    const withdraw = (amount: bigint) => ({
      from: consumer.address,
      to: risk.venue,
      abi: venueAbi,
      functionName: 'withdraw',
      args: [account, asset, amount, structOf(one), one.signature],
    });
    expect((await refusal(chain, withdraw(most + 1n)))[0]).toBe('NotCovered');
    expect((await sendAs(chain, consumer, withdraw(most))).status).toBe('success');
    expect((await refusal(chain, withdraw(1n)))[0]).toBe('NonceConsumed');
    // Of the book as it is now nothing more may be taken: initial margin is just covered.
    const next = await signed(ask, `withdrawal/grace/USDC?chain=hub&consumer=${risk.venue}`);
    expect(next.values.sequence).toBe('4');
    expect(Number(next.values.maxAmount)).toBeLessThan(0.1);
    // A venue on another chain, where the account has nothing.
    const there = await ask(
      `/v1/attestations/withdrawal/grace/USDC?chain=l2&consumer=${devnet.all[1]!.risk.venue}`,
    );
    expect(there.json).toMatchObject({ details: { reasons: [{ code: 'no-collateral' }] } });
  });
});
