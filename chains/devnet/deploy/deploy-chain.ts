import { type Address, encodeFunctionData, maxUint256 } from 'viem';
import type { DevnetAccounts } from '../accounts.ts';
import { builtArtifact, mockPythArtifact } from '../artifacts.ts';
import { pythPriceId, QUOTE_ASSET } from '../assets.ts';
import type { Transaction } from '../block-builder.ts';
import { fixedPointPrice } from '../fixed-point.ts';
import type { DevnetProfile } from '../profiles.ts';
import type { DevnetChainlinkFeed, DevnetLayerZero, DevnetPool, DevnetRisk } from '../types.ts';
import { planChainlinkFeed } from './chainlink.ts';
import { DeploymentPlan } from './plan.ts';
import { planSequencerFeed, type SequencerFeed } from './sequencer.ts';
import { planUniswap } from './uniswap.ts';

/** Addresses of everything on one local chain. */
export interface ChainContracts {
  readonly chainlink: Readonly<Record<string, DevnetChainlinkFeed>>;
  readonly pyth: { readonly contract: Address; readonly priceIds: Readonly<Record<string, `0x${string}`>> };
  readonly pools: Readonly<Record<string, DevnetPool>>;
  readonly router: Address;
  readonly sequencer: SequencerFeed | null;
  readonly layerZero: DevnetLayerZero | null;
  readonly risk: DevnetRisk | null;
}

/** Seconds for which Pyth's `getPrice` calls a price valid; `getPriceUnsafe` does not ask. */
const PYTH_VALID_SECONDS = 60;

/** All transactions of a deployment, for one block on a fresh chain, and the addresses that result. */
export function planChain(
  profile: DevnetProfile,
  prices: Readonly<Record<string, number>>,
  accounts: DevnetAccounts,
): { transactions: readonly Transaction[]; contracts: ChainContracts } {
  const plan = new DeploymentPlan(accounts.owner);
  const assets = Object.keys(prices);
  const chainlink: Record<string, DevnetChainlinkFeed> = {};
  for (const asset of assets) {
    const answer = fixedPointPrice(prices[asset]!, `prices.${asset}`);
    chainlink[asset] = planChainlinkFeed(plan, asset, answer, profile.pace(asset), accounts);
  }
  const contract = plan.create('MockPyth', mockPythArtifact(), [PYTH_VALID_SECONDS, 0n]);
  const inQuote = assets
    .filter((asset) => asset !== QUOTE_ASSET)
    .map((asset) => [asset, prices[asset]! / prices[QUOTE_ASSET]!] as const);
  const { router, pools } = planUniswap(plan, Object.fromEntries(inQuote), accounts);
  const sequencer = profile.hasSequencerFeed ? planSequencerFeed(plan, accounts.sequencerReporter) : null;
  const contracts: ChainContracts = {
    chainlink,
    pyth: { contract, priceIds: Object.fromEntries(assets.map((asset) => [asset, pythPriceId(asset)])) },
    pools,
    router,
    sequencer,
    layerZero: null,
    risk: null,
  };
  return { transactions: [...plan.transactions, ...arbitrageurApprovals(contracts, accounts)], contracts };
}

function arbitrageurApprovals(contracts: ChainContracts, accounts: DevnetAccounts): Transaction[] {
  const tokens = new Set(Object.values(contracts.pools).flatMap((pool) => [pool.baseToken, pool.quoteToken]));
  const { abi } = builtArtifact('DevnetToken');
  const data = encodeFunctionData({ abi, functionName: 'approve', args: [contracts.router, maxUint256] });
  return [...tokens].map((to) => ({
    label: 'arbitrageur approves',
    from: accounts.arbitrageur,
    to,
    data,
    abi,
  }));
}
