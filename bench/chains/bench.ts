import { encodeFunctionData } from 'viem';
import { createChainReader } from '../../chains/clients/chain-reader.ts';
import { riskOracleAbi } from '../../chains/contracts/abi.ts';
import { riskArtifact } from '../../chains/contracts/artifact.ts';
import { attestationDigest, signAttestation } from '../../chains/contracts/attestation.ts';
import { nameToBytes32 } from '../../chains/contracts/market-address.ts';
import { decodeValue } from '../../chains/contracts/update-data.ts';
import { attesterAccount } from '../../chains/devnet/keys.ts';
import { startLayerZeroWorkers } from '../../chains/layerzero/workers.ts';
import { readVenueBooks } from '../../chains/venues/venue-book.ts';
import { measureGas } from '../../test/chains/support/gas.ts';
import {
  BTC,
  clientOf,
  publish,
  RATE,
  type RiskChain,
  type RiskDevnet,
  read,
  startRiskDevnet,
  WAD,
} from '../../test/chains/support/messaging.ts';
import { machine, median, printTable } from '../timing.ts';

const CHAINS = ['hub', 'l2', 'l2b'];
const MESSAGES = 30;
const SIGNATURES = 300;

/** `npm run bench -- chains`: gas of each call, messages end to end, attestations signed per second. */
export async function run(): Promise<void> {
  console.log(machine());
  await onDevnet(printGas);
  await onDevnet(printEndToEnd);
  await onDevnet(printAccounts);
  await printSigning();
}

async function onDevnet(work: (devnet: RiskDevnet) => Promise<void>): Promise<void> {
  const began = performance.now();
  const devnet = await startRiskDevnet(CHAINS);
  console.log(`three local chains with LayerZero started in ${(performance.now() - began).toFixed(0)} ms`);
  try {
    await work(devnet);
  } finally {
    await devnet.stop();
  }
}

async function printGas(devnet: RiskDevnet): Promise<void> {
  const rows = await measureGas(devnet);
  printTable([['call', 'gas'], ...rows.map(({ call, gas }) => [call, gas.toString()])]);
  const [first, later, plainFirst, plainLater] = rows.map(({ gas }) => Number(gas));
  console.log(
    `publication / plain contract: first ${(first! / plainFirst!).toFixed(2)}, later ${(later! / plainLater!).toFixed(2)} (goal <= 1.1)`,
  );
}

const valueOn = async ({ chain, risk }: RiskChain): Promise<bigint | null> => {
  const args = [RATE, BTC];
  const update = await read(
    chain,
    risk.oracle,
    riskOracleAbi,
    'getLatestUpdateByParameterAndMarket',
    args,
  ).catch(() => null);
  return update === null ? null : decodeValue((update as { newValue: `0x${string}` }).newValue);
};

/** From before the fee is quoted until the value is read from the oracles of both other chains. */
async function printEndToEnd(devnet: RiskDevnet): Promise<void> {
  const workers = startLayerZeroWorkers({ chains: devnet.chains });
  const times: number[] = [];
  for (let sequence = 1n; sequence <= MESSAGES; sequence += 1n) {
    const value = WAD / 10n + sequence;
    const began = performance.now();
    const { status } = await publish(devnet.hub, [{ value, sequence }]);
    if (status !== 'success') throw new Error('a publication reverted');
    for (const other of devnet.others) {
      while ((await valueOn(other)) !== value) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    times.push(performance.now() - began);
  }
  await workers.stop();
  times.sort((left, right) => left - right);
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))]!.toFixed(0);
  console.log(
    `publish to received on two chains, ${MESSAGES} times: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, slowest ${at(1)} ms (goal < 2000)`,
  );
}

const ACCOUNTS = 1000;
const ALONE = 200;
const ROUNDS = 15;

/** Accounts of the example venue, each with one collateral and one perpetual, read at one pinned block. */
async function printAccounts({ all }: RiskDevnet): Promise<void> {
  const { abi } = riskArtifact('ExampleVenue');
  for (const { chain, risk } of all.slice(0, 2)) {
    const names = Array.from({ length: ACCOUNTS }, (_, index) => `account-${index}`);
    const calls = names.flatMap((name) => [
      { functionName: 'open', args: [nameToBytes32(name), risk.owner] },
      { functionName: 'fill', args: [nameToBytes32(name), nameToBytes32('BTC-PERP'), WAD, 60_000n * WAD] },
    ]);
    for (let at = 0; at < calls.length; at += 100) {
      await chain.transact(
        calls.slice(at, at + 100).map(({ functionName, args }) => ({
          label: functionName,
          from: risk.owner,
          to: risk.venue,
          data: encodeFunctionData({ abi, functionName, args }),
          abi,
        })),
      );
    }
    const { definition } = chain;
    const head = await clientOf(chain).getBlock();
    const reader = createChainReader(definition, {
      clock: { nowMs: () => Number(head.timestamp) * 1000 },
      requestTimeoutMs: 30_000,
    });
    const venue = { chain: definition.id, name: 'example-venue', address: risk.venue };
    const view = await reader.pin();
    const read = async (accounts: readonly string[]) => {
      const books = await readVenueBooks(view, venue, accounts);
      if (!books.every((one) => one.ok && one.book.positions.length === 1))
        throw new Error('a book was not read');
    };
    for (let round = 0; round < 3; round += 1) await read(names);
    const together: number[] = [];
    const own: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const began = performance.now();
      const cpu = process.cpuUsage();
      await read(names);
      const { user, system } = process.cpuUsage(cpu);
      together.push(performance.now() - began);
      own.push((user + system) / 1000);
    }
    const began = performance.now();
    for (const name of names.slice(0, ALONE)) await read([name]);
    const alone = (performance.now() - began) / ALONE;
    const rate = (ACCOUNTS * 1000) / median(together);
    console.log(
      `accounts of ${definition.id}: ${rate.toFixed(0)} read per second batched (goal >= 5000), ${(1000 / alone).toFixed(0)} one by one; ` +
        `CPU of the reader ${median(own).toFixed(0)} ms for ${ACCOUNTS} batched`,
    );
  }
}

async function printSigning(): Promise<void> {
  const attestation = {
    chainId: 1n,
    verifier: BTC,
    consumer: BTC,
    account: `0x${'01'.repeat(32)}`,
    kind: 'margin',
    data: `0x${'02'.repeat(256)}`,
    asOf: 1n,
    validFrom: 1n,
    validUntil: 2n,
  } as const;
  const signer = attesterAccount();
  await signAttestation(signer, { ...attestation, nonce: 0n });
  const began = performance.now();
  for (let nonce = 0n; nonce < SIGNATURES; nonce += 1n)
    await signAttestation(signer, { ...attestation, nonce });
  const signing = (performance.now() - began) / SIGNATURES;
  const hashed = performance.now();
  for (let nonce = 0n; nonce < SIGNATURES; nonce += 1n) attestationDigest({ ...attestation, nonce });
  const hashing = (performance.now() - hashed) / SIGNATURES;
  console.log(
    `attestations: ${(1000 / signing).toFixed(0)} signed per second, of which the digest takes ${(hashing * 1000).toFixed(0)} us`,
  );
}
