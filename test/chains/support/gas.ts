import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Abi,
  type Address,
  encodeAbiParameters,
  encodeFunctionData,
  encodePacked,
  type Hex,
  maxUint256,
  pad,
} from 'viem';
import { attestationVerifierAbi, riskHubAbi } from '../../../chains/contracts/abi.ts';
import { riskArtifact } from '../../../chains/contracts/artifact.ts';
import {
  type Attestation,
  encodeAttestationData,
  signAttestation,
} from '../../../chains/contracts/attestation.ts';
import { signDecision } from '../../../chains/contracts/decisions.ts';
import { marketAddress, nameToBytes32 } from '../../../chains/contracts/market-address.ts';
import { type Artifact, builtArtifact } from '../../../chains/devnet/artifacts.ts';
import { TIME_LOCK_SECONDS } from '../../../chains/devnet/deploy/risk.ts';
import {
  approverAccounts,
  attesterAccount,
  dvnSignerAccounts,
  gatewayAccount,
} from '../../../chains/devnet/keys.ts';
import type { DevnetChain, DevnetTransaction } from '../../../chains/devnet/types.ts';
import {
  commitTransaction,
  executeTransaction,
  verifyTransaction,
} from '../../../chains/layerzero/worker-transactions.ts';
import { startLayerZeroWorkers } from '../../../chains/layerzero/workers.ts';
import { START } from './local-chains.ts';
import { BTC, clientOf, deploy, draft, RATE, type RiskDevnet, read, sendAs, WAD } from './messaging.ts';

export interface GasRow {
  readonly call: string;
  /** Of the whole transaction, its 21,000 and calldata included. */
  readonly gas: bigint;
}

/** Compiled from test/chains/contracts/solidity/PlainOracle.sol. */
export function plainOracleArtifact(): Artifact {
  const path = join(import.meta.dirname, '..', 'contracts', 'artifacts', 'PlainOracle.json');
  return JSON.parse(readFileSync(path, 'utf8')) as Artifact;
}

const word = (value: bigint) => encodeAbiParameters([{ type: 'uint256' }], [value]);
const publishedNow = (sequence: bigint) => encodePacked(['uint64', 'uint64'], [sequence, BigInt(START)]);

async function gasOf(chain: DevnetChain, transaction: DevnetTransaction): Promise<bigint> {
  const { blockNumber } = await chain.transact([transaction]);
  const client = clientOf(chain);
  const { transactions } = await client.getBlock({ blockNumber });
  return (await client.getTransactionReceipt({ hash: transactions[0]! })).gasUsed;
}

function call(from: Address, to: Address, abi: Abi, functionName: string, args: readonly unknown[]) {
  return { label: functionName, from, to, abi, data: encodeFunctionData({ abi, functionName, args }) };
}

/** The oracle's publication beside the plain contract's, each the first of its line and a later one. */
export async function measurePublication({ hub }: RiskDevnet): Promise<{
  readonly oracle: readonly [bigint, bigint];
  readonly plain: readonly [bigint, bigint];
}> {
  const { chain, risk } = hub;
  const { owner } = risk;
  const { abi } = riskArtifact('RiskOracle');
  const oracle = await deploy(chain, owner, riskArtifact('RiskOracle'), ['gas', [owner], [RATE]]);
  const plainArtifact = plainOracleArtifact();
  const plain = await deploy(chain, owner, plainArtifact);
  const send = (to: Address, given: Abi, name: string, args: readonly unknown[]) =>
    gasOf(chain, call(owner, to, given, name, args));
  await send(oracle, abi, 'setBounds', [RATE, BTC, 0n, WAD]);
  const published = async (index: bigint) =>
    send(oracle, abi, 'publishRiskParameterUpdate', [
      'forecast-20231114-22',
      word(WAD / 8n + index),
      RATE,
      BTC,
      publishedNow(index),
    ]);
  const stored = (index: bigint, previous: Hex) =>
    send(plain, plainArtifact.abi, 'publish', [
      index,
      'forecast-20231114-22',
      word(WAD / 8n + index),
      previous,
      RATE,
      BTC,
      publishedNow(index),
    ]);
  return {
    oracle: [await published(1n), await published(2n)],
    plain: [await stored(1n, '0x'), await stored(2n, word(WAD / 8n + 1n))],
  };
}

/** Gas of every call that a deployment makes, measured on the local chains `hub`, `l2` and `l2b`. */
export async function measureGas(devnet: RiskDevnet): Promise<readonly GasRow[]> {
  const rows: GasRow[] = [];
  const row = (name: string, gas: bigint) => rows.push({ call: name, gas });
  const publication = await measurePublication(devnet);
  row('RiskOracle.publishRiskParameterUpdate, first of a line', publication.oracle[0]);
  row('RiskOracle.publishRiskParameterUpdate', publication.oracle[1]);
  row('the same struct and event from a plain contract, first', publication.plain[0]);
  row('the same struct and event from a plain contract', publication.plain[1]);
  await measureHub(devnet, row);
  await measureDelivery(devnet, row);
  await measureReaders(devnet, row);
  return rows;
}

type AddRow = (name: string, gas: bigint) => void;

async function publishGas({ hub }: RiskDevnet, drafts: readonly ReturnType<typeof draft>[]): Promise<bigint> {
  const to = hub.risk.hub!;
  const [value] = (await read(hub.chain, to, riskHubAbi, 'quote', [drafts])) as readonly [bigint];
  const publish = { to, abi: riskHubAbi, functionName: 'publish', args: [drafts], value };
  const { status, gasUsed } = await sendAs(hub.chain, gatewayAccount(), publish);
  if (status !== 'success') throw new Error('the publication reverted');
  return gasUsed;
}

async function measureHub(devnet: RiskDevnet, row: AddRow): Promise<void> {
  const { chain, risk } = devnet.hub;
  const hub = risk.hub!;
  const one = (sequence: bigint) => draft({ value: WAD / 8n, sequence, referenceId: 'forecast-20231114-22' });
  await publishGas(devnet, [one(1n)]);
  row('RiskHub.publish, 1 update to 2 chains', await publishGas(devnet, [one(2n)]));
  const lines = risk.lines.map(({ market, updateType, gatewayMax }) =>
    draft({ market: marketAddress(market), updateType, value: gatewayMax, sequence: 1n, referenceId: 'all' }),
  );
  await publishGas(devnet, lines.slice(1));
  const again = lines.map((entry, index) => ({ ...entry, sequence: index === 0 ? 3n : 2n }));
  row(`RiskHub.publish, ${again.length} updates to 2 chains`, await publishGas(devnet, again));
  const validUntil = BigInt(START + 10 * TIME_LOCK_SECONDS);
  const nonce = 1n;
  const bounds = { market: BTC, updateType: RATE, minValue: 1n, maxValue: WAD / 2n, nonce, validUntil };
  const signers = approverAccounts().slice(0, 2);
  const { chainId } = chain.definition;
  const send = (name: string, args: readonly unknown[]) =>
    gasOf(chain, call(risk.owner, hub, riskArtifact('RiskHub').abi, name, args));
  const boundsSigned = await signDecision(signers, chainId, hub, 'Bounds', bounds);
  row('RiskHub.scheduleBounds, 2 approvals', await send('scheduleBounds', [bounds, boundsSigned]));
  const parameter = { market: BTC, updateType: RATE, value: WAD, referenceId: 'p', nonce: 2n, validUntil };
  const parameterSigned = await signDecision(signers, chainId, hub, 'Parameter', parameter);
  row(
    'RiskHub.scheduleParameter, 2 approvals',
    await send('scheduleParameter', [parameter, parameterSigned]),
  );
  await chain.step({ timestampSeconds: START + TIME_LOCK_SECONDS });
  row('RiskHub.executeBounds', await send('executeBounds', [bounds]));
  const execute = call(risk.owner, hub, riskHubAbi, 'executeParameter', [parameter]);
  row('RiskHub.executeParameter, to 2 chains', await gasOf(chain, { ...execute, value: WAD / 10n }));
  const resend = call(risk.owner, hub, riskHubAbi, 'resend', [BTC, RATE, devnet.others[0]!.layerZero.eid]);
  row('RiskHub.resend, to 1 chain', await gasOf(chain, { ...resend, value: WAD / 10n }));
}

async function measureDelivery(devnet: RiskDevnet, row: AddRow): Promise<void> {
  const workers = startLayerZeroWorkers({ chains: devnet.chains, pollMs: null });
  await workers.round();
  await publishGas(devnet, [draft({ value: WAD / 9n, sequence: 5n, referenceId: 'forecast-20231114-22' })]);
  workers.switches.dvns.fill('silent');
  await workers.round();
  const { chain, layerZero } = devnet.others[0]!;
  const packet = workers.undelivered().find(({ dstEid }) => dstEid === layerZero.eid)!;
  for (const [index, dvn] of layerZero.dvns.entries()) {
    const signers = dvnSignerAccounts(index);
    const verify = await verifyTransaction(packet, layerZero, dvn, signers, BigInt(START));
    const gas = await gasOf(chain, verify);
    if (index === 0) row('DVN.execute(verify), 2 signatures', gas);
  }
  const commit = commitTransaction(packet, layerZero, layerZero.executorAdmin);
  row('ReceiveUln302.commitVerification', await gasOf(chain, commit));
  row(
    'Executor.execute302 into RiskReceiver, 1 update',
    await gasOf(chain, executeTransaction(packet, layerZero)),
  );
}

async function measureReaders({ hub }: RiskDevnet, row: AddRow): Promise<void> {
  const { chain, risk } = hub;
  const { owner } = risk;
  const consumer = riskArtifact('RiskConsumer');
  const following = await deploy(chain, owner, consumer, [
    risk.oracle,
    BTC,
    RATE,
    WAD / 9n,
    10n ** 9n,
    0n,
    5000n,
  ]);
  row('RiskConsumer.follow', await gasOf(chain, call(owner, following, consumer.abi, 'follow', [])));
  const estimate = (to: Address, abi: Abi, functionName: string, args: readonly unknown[]) =>
    clientOf(chain).estimateContractGas({ account: owner, address: to, abi, functionName, args });
  const feed = riskArtifact('RiskPriceFeed');
  const feedAt = await deploy(chain, owner, feed, [risk.oracle, BTC, RATE, 'any']);
  row('RiskPriceFeed.latestRoundData (read)', await estimate(feedAt, feed.abi, 'latestRoundData', []));
  const quote = riskArtifact('RiskQuote');
  const quoteAt = await deploy(chain, owner, quote, [risk.oracle, RATE, 10n ** 9n, owner]);
  await gasOf(chain, call(owner, quoteAt, quote.abi, 'setAsset', [BTC, BTC, 8]));
  const usd = '0x0000000000000000000000000000000000000348';
  row('RiskQuote.getQuote (read)', await estimate(quoteAt, quote.abi, 'getQuote', [1n, BTC, usd]));
  const attestation: Attestation = {
    chainId: BigInt(chain.definition.chainId),
    verifier: risk.verifier,
    consumer: owner,
    account: nameToBytes32('alice'),
    kind: 'margin',
    data: encodeAttestationData.margin({
      equity: WAD,
      initialMargin: WAD,
      maintenanceMargin: WAD,
      netInitial: 0n,
      netMaintenance: 0n,
      status: 0,
      sequence: 1n,
      parametersHash: pad('0x01'),
    }),
    asOf: 0n,
    validFrom: 0n,
    validUntil: maxUint256 >> 200n,
    nonce: 1n,
  };
  const signed = [attestation, await signAttestation(attesterAccount(), attestation)];
  const { verifier } = risk;
  row(
    'RiskAttestationVerifier.verify (read)',
    await estimate(verifier, attestationVerifierAbi, 'verify', signed),
  );
  row(
    'RiskAttestationVerifier.consume',
    await gasOf(chain, call(owner, verifier, attestationVerifierAbi, 'consume', signed)),
  );
  const { abi } = riskArtifact('ExampleVenue');
  const alice = nameToBytes32('alice');
  const venue = (name: string, args: readonly unknown[]) =>
    gasOf(chain, call(owner, risk.venue, abi, name, args));
  row('ExampleVenue.open', await venue('open', [alice, owner]));
  row('ExampleVenue.fill, opening', await venue('fill', [alice, nameToBytes32('BTC-PERP'), WAD, WAD]));
  row('ExampleVenue.fill, closing', await venue('fill', [alice, nameToBytes32('BTC-PERP'), -WAD, WAD]));
  const token = builtArtifact('DevnetToken');
  const tokenAt = await deploy(chain, owner, token, ['T', 'T', 6, 10n ** 12n]);
  const asset = nameToBytes32('T');
  await venue('listAsset', [asset, tokenAt, 6]);
  await gasOf(chain, call(owner, tokenAt, token.abi, 'approve', [risk.venue, maxUint256]));
  row('ExampleVenue.deposit', await venue('deposit', [alice, asset, 10n ** 6n]));
}
