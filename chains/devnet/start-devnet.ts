import type { Address } from 'viem';
import { InvalidInputError } from '../../risk/errors.ts';
import type { UnixSeconds } from '../../risk/units/time.ts';
import type { ChainLogger } from '../clients/logger.ts';
import { chainSchema } from '../registry/chain.ts';
import { assignAccounts } from './accounts.ts';
import { findAnvil } from './anvil/find-anvil.ts';
import { builtArtifact } from './artifacts.ts';
import { QUOTE_ASSET } from './assets.ts';
import { BlockBuilder } from './block-builder.ts';
import { planChain } from './deploy/deploy-chain.ts';
import { LocalChain } from './devnet-chain.ts';
import { startNode } from './node.ts';
import { DEVNET_PROFILES, type DevnetProfile } from './profiles.ts';
import type { Devnet } from './types.ts';

export interface DevnetOptions {
  /** Market time of the first prices; may lie in the past. */
  readonly startTimeSeconds: UnixSeconds;
  /** First price of every asset in US dollars; must hold USDC. */
  readonly prices: Readonly<Record<string, number>>;
  readonly logger?: ChainLogger;
}

/**
 * The contracts are this much older than the first prices: pools then have the history that their averages ask for,
 * and the sequencer's grace period is over.
 */
export const DEPLOYED_BEFORE_SECONDS = 7200;
const MULTICALL3 = '0xcA11bde05977b3631167028862bE2a173976CA11';
/** Confidence of the first Pyth prices, in parts of the price. */
const FIRST_CONFIDENCE = 5e-4;

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
  const binary = findAnvil();
  const started = await Promise.allSettled(
    DEVNET_PROFILES.map((profile) => startChain(binary, profile, startTimeSeconds, prices)),
  );
  const chains = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async () => {
    await Promise.all(chains.map((chain) => chain.stop()));
  };
  for (const result of started) {
    if (result.status === 'fulfilled') continue;
    await stop();
    throw result.reason;
  }
  for (const { definition, pid } of chains) {
    logger?.info({ chain: definition.id, url: definition.rpcUrls[0], pid }, 'local chain started');
  }
  return { chains, stop };
}

async function startChain(
  binary: string,
  profile: DevnetProfile,
  startTimeSeconds: number,
  prices: Readonly<Record<string, number>>,
): Promise<LocalChain> {
  const genesisSeconds = startTimeSeconds - DEPLOYED_BEFORE_SECONDS;
  const node = await startNode(binary, profile, genesisSeconds);
  try {
    const accounts = assignAccounts(
      (await node.rpc.call('eth_accounts')) as readonly Address[],
      profile.ownerIndex,
    );
    const multicall = await node.rpc.call(
      'eth_call',
      { data: builtArtifact('Multicall3').bytecode },
      'latest',
    );
    await node.rpc.call('anvil_setCode', MULTICALL3, multicall);
    const { transactions, contracts } = planChain(profile, prices, accounts);
    await new BlockBuilder(profile.id, node.rpc).mine(transactions, genesisSeconds + 1);
    const definition = chainSchema.parse({
      id: profile.id,
      name: profile.name,
      chainId: profile.chainId,
      rpcUrls: [node.url],
      blockTimeSeconds: profile.blockTimeSeconds,
      maxHeadAgeSeconds: profile.maxHeadAgeSeconds,
      multicall3: MULTICALL3,
      sequencerUptimeFeed: contracts.sequencer?.proxy ?? null,
    });
    const chain = new LocalChain({
      definition,
      contracts,
      accounts,
      node,
      lastTimestamp: genesisSeconds + 1,
      startAgain: (port) => startNode(binary, profile, genesisSeconds, port),
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
    await chain.saveState();
    return chain;
  } catch (error) {
    await node.process.kill();
    throw error;
  }
}
