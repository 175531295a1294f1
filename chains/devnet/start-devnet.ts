import { type Address, numberToHex } from 'viem';
import { InvalidInputError } from '../../risk/errors.ts';
import type { UnixSeconds } from '../../risk/units/time.ts';
import type { ChainLogger } from '../clients/logger.ts';
import { type ChainDefinition, chainSchema } from '../registry/chain.ts';
import { assignAccounts, type DevnetAccounts } from './accounts.ts';
import { findAnvil } from './anvil/find-anvil.ts';
import { builtArtifact } from './artifacts.ts';
import { QUOTE_ASSET } from './assets.ts';
import { BlockBuilder } from './block-builder.ts';
import { type ChainContracts, planChain } from './deploy/deploy-chain.ts';
import { type Messaging, planBounds, planMessaging } from './deploy/messaging.ts';
import { planVenueAssets } from './deploy/risk.ts';
import { LocalChain } from './devnet-chain.ts';
import { gatewayAccount } from './keys.ts';
import { type DevnetNode, KEPT_TRANSACTION_BLOCKS, startNode } from './node.ts';
import { DEFAULT_CHAINS, DEVNET_PROFILES, type DevnetProfile } from './profiles.ts';
import { defaultRiskLines } from './risk-lines.ts';
import type { Devnet, RiskLine } from './types.ts';

export interface DevnetOptions {
  /** Market time of the first prices; may lie in the past. */
  readonly startTimeSeconds: UnixSeconds;
  /** First price of every asset in US dollars; must hold USDC. */
  readonly prices: Readonly<Record<string, number>>;
  readonly logger?: ChainLogger;
  /** Ids of the chains to start, the hub first; `hub` and `l2` by default, `l2b` on request. */
  readonly chains?: readonly string[];
  /** LayerZero v2 and Breakwater's contracts on every chain. */
  readonly layerZero?: boolean | MessagingOptions;
}

export interface MessagingOptions {
  /** Blocks, its own included, after which the DVNs verify a message; 1 by default. */
  readonly confirmations?: number;
  /** Between the approval of a decision on the hub and its effect; an hour by default. */
  readonly timeLockSeconds?: number;
  /** What can be published; rates of each perpetual and haircuts of each asset by default. */
  readonly lines?: readonly RiskLine[];
}

/**
 * The contracts are this much older than the first prices: pools then have the history that their averages ask for,
 * and the sequencer's grace period is over.
 */
export const DEPLOYED_BEFORE_SECONDS = 7200;
const MULTICALL3 = '0xcA11bde05977b3631167028862bE2a173976CA11';
/** Confidence of the first Pyth prices, in parts of the price. */
const FIRST_CONFIDENCE = 5e-4;
/** What a message takes between two local chains, by the clock of the definition. */
const MESSAGE_SECONDS = 60;
const GATEWAY_BALANCE_WEI = 100n * 10n ** 18n;

/**
 * Starts the local chains `hub` and `l2` with every contract and a first price in every source, their heads at
 * `startTimeSeconds`. Stop it with `stop()`; should this program die first, the nodes end with it.
 * @throws InvalidInputError, AnvilUnavailableError
 */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  const { startTimeSeconds, prices, logger } = options;
  if (!Number.isSafeInteger(startTimeSeconds) || startTimeSeconds <= DEPLOYED_BEFORE_SECONDS) {
    throw new InvalidInputError('startTimeSeconds', 'must be whole seconds since 1970');
  }
  for (const asset of Object.keys(prices)) {
    if (!/^[A-Z0-9]{1,16}$/.test(asset))
      throw new InvalidInputError('prices', `'${asset}' is not an asset name`);
  }
  if (prices[QUOTE_ASSET] === undefined) {
    throw new InvalidInputError(`prices.${QUOTE_ASSET}`, 'is needed: every pool is quoted in it');
  }
  const profiles = chosenProfiles(options.chains ?? DEFAULT_CHAINS);
  const messagingOptions = options.layerZero === true ? {} : options.layerZero || null;
  const binary = findAnvil();
  const genesisSeconds = startTimeSeconds - DEPLOYED_BEFORE_SECONDS;
  const kept = messagingOptions === null ? undefined : KEPT_TRANSACTION_BLOCKS;
  const startAt = (profile: DevnetProfile, port?: number) =>
    startNode(binary, profile, genesisSeconds, port, kept);
  const nodes = await allOrNone(
    profiles.map(async (profile) => ({ profile, node: await startAt(profile) })),
    ({ node }) => node.process.kill(),
  );
  const ready = await allOrNone(
    nodes.map(async ({ profile, node }) => {
      const addresses = (await node.rpc.call('eth_accounts')) as readonly Address[];
      return {
        profile,
        node,
        accounts: assignAccounts(addresses, profile.ownerIndex, profile.messagingIndex),
      };
    }),
    async () => undefined,
    () => Promise.all(nodes.map(({ node }) => node.process.kill())),
  );
  const messaging =
    messagingOptions === null
      ? []
      : planMessaging(
          ready,
          messagingOptions.lines ?? defaultRiskLines(Object.keys(prices)),
          messagingOptions.confirmations ?? 1,
          messagingOptions.timeLockSeconds,
        );
  const chains = await allOrNone(
    ready.map((start, index) =>
      startChain({ ...start, startAt, genesisSeconds, prices, messaging: messaging[index] ?? null }),
    ),
    (chain) => chain.stop(),
  );
  for (const { definition, pid } of chains) {
    logger?.info({ chain: definition.id, url: definition.rpcUrls[0], pid }, 'local chain started');
  }
  return {
    chains,
    async stop() {
      await Promise.all(chains.map((chain) => chain.stop()));
    },
  };
}

function chosenProfiles(ids: readonly string[]): readonly DevnetProfile[] {
  const profiles = DEVNET_PROFILES.filter(({ id }) => ids.includes(id));
  if (profiles.length !== ids.length || profiles[0]?.id !== 'hub') {
    const known = DEVNET_PROFILES.map(({ id }) => id).join(', ');
    throw new InvalidInputError(
      'chains',
      `must be 'hub' and any of the others, each once; there are ${known}`,
    );
  }
  return profiles;
}

/** Waits for all; when one fails, undoes the others and throws its error. */
async function allOrNone<Result>(
  work: readonly Promise<Result>[],
  undo: (result: Result) => Promise<unknown>,
  undoAll: () => Promise<unknown> = async () => undefined,
): Promise<readonly Result[]> {
  const settled = await Promise.allSettled(work);
  const done = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  for (const result of settled) {
    if (result.status === 'fulfilled') continue;
    await Promise.all(done.map(undo));
    await undoAll();
    throw result.reason;
  }
  return done;
}

interface ChainStart {
  readonly profile: DevnetProfile;
  readonly node: DevnetNode;
  readonly accounts: DevnetAccounts;
  readonly startAt: (profile: DevnetProfile, port: number) => Promise<DevnetNode>;
  readonly genesisSeconds: number;
  readonly prices: Readonly<Record<string, number>>;
  readonly messaging: Messaging | null;
}

async function startChain(start: ChainStart): Promise<LocalChain> {
  const { profile, node, accounts, genesisSeconds, prices, messaging } = start;
  const startTimeSeconds = genesisSeconds + DEPLOYED_BEFORE_SECONDS;
  try {
    const multicall = await node.rpc.call(
      'eth_call',
      { data: builtArtifact('Multicall3').bytecode },
      'latest',
    );
    await node.rpc.call('anvil_setCode', MULTICALL3, multicall);
    const { transactions, contracts: plain } = planChain(profile, prices, accounts);
    const bounds =
      messaging === null ? null : await planBounds(messaging.risk, profile.chainId, genesisSeconds + 1);
    if (messaging !== null) {
      planVenueAssets(messaging.plan, messaging.risk.venue, tokens(plain));
      await node.rpc.call('anvil_setBalance', gatewayAccount().address, numberToHex(GATEWAY_BALANCE_WEI));
    }
    const contracts =
      messaging === null ? plain : { ...plain, layerZero: messaging.layerZero, risk: messaging.risk };
    await new BlockBuilder(profile.id, node.rpc).mine(
      [...transactions, ...(messaging?.plan.transactions ?? []), ...(bounds?.schedule ?? [])],
      genesisSeconds + 1,
    );
    const chain = new LocalChain({
      definition: definitionOf(profile, node.url, contracts),
      contracts,
      accounts,
      node,
      lastTimestamp: genesisSeconds + 1,
      startAgain: (port) => start.startAt(profile, port),
    });
    const first = Object.entries(prices).map(([asset, price]) => ({ asset, price }));
    await chain.step({
      timestampSeconds: startTimeSeconds,
      chainlink: first,
      pyth: first.map(({ asset, price }) => ({
        asset,
        price,
        confidence: price * FIRST_CONFIDENCE,
        publishTimeSeconds: startTimeSeconds,
      })),
    });
    if (bounds !== null && bounds.execute.length > 0) await chain.transact(bounds.execute);
    await chain.saveState();
    return chain;
  } catch (error) {
    await node.process.kill();
    throw error;
  }
}

function tokens(contracts: ChainContracts): Readonly<Record<string, Address>> {
  const pools = Object.entries(contracts.pools);
  const base = pools.map(([asset, { baseToken }]) => [asset, baseToken] as const);
  const quote = pools.slice(0, 1).map(([, { quoteToken }]) => [QUOTE_ASSET, quoteToken] as const);
  return Object.fromEntries([...base, ...quote]);
}

function definitionOf(profile: DevnetProfile, url: string, contracts: ChainContracts): ChainDefinition {
  const { layerZero, risk } = contracts;
  return chainSchema.parse({
    id: profile.id,
    name: profile.name,
    chainId: profile.chainId,
    rpcUrls: [url],
    blockTimeSeconds: profile.blockTimeSeconds,
    maxHeadAgeSeconds: profile.maxHeadAgeSeconds,
    multicall3: MULTICALL3,
    sequencerUptimeFeed: contracts.sequencer?.proxy ?? null,
    layerZero: layerZero && { endpointId: layerZero.eid, endpoint: layerZero.endpoint },
    crossChain: risk && {
      finalitySeconds: profile.finalitySeconds,
      messageSeconds: MESSAGE_SECONDS,
      trustWeight: profile.trustWeight,
    },
    risk: risk && {
      oracle: risk.oracle,
      hub: risk.hub,
      receiver: risk.receiver,
      verifier: risk.verifier,
      subjects: { 'example-venue': risk.venue },
    },
  });
}
