import { type Address, zeroAddress } from 'viem';
import type { DevnetAccounts } from '../accounts.ts';
import { builtArtifact } from '../artifacts.ts';
import { PRICE_DECIMALS } from '../assets.ts';
import type { FeedPace } from '../profiles.ts';
import type { DevnetChainlinkFeed } from '../types.ts';
import type { DeploymentPlan } from './plan.ts';

/** Bounds of a feed around its first price: wide enough for a year of any market, narrow enough to bind. */
const BOUND_FACTOR = 100n;
/** Seconds after which an oracle may skip a round that others did not finish. */
const ROUND_TIMEOUT_SECONDS = 1800;

/**
 * A FluxAggregator whose answer is the median of three oracles, valid from two. Payment is zero: FluxAggregator
 * then never calls the LINK token, and so none is deployed.
 */
export function planAggregator(
  plan: DeploymentPlan,
  asset: string,
  bounds: { readonly minSubmissionValue: bigint; readonly maxSubmissionValue: bigint },
  accounts: DevnetAccounts,
): Address {
  const flux = builtArtifact('FluxAggregator');
  const label = `FluxAggregator(${asset})`;
  const aggregator = plan.create(label, flux, [
    zeroAddress,
    0n,
    ROUND_TIMEOUT_SECONDS,
    zeroAddress,
    bounds.minSubmissionValue,
    bounds.maxSubmissionValue,
    PRICE_DECIMALS,
    `${asset} / USD`,
  ]);
  const { oracles } = accounts;
  plan.call(label, aggregator, flux.abi, 'changeOracles', [[], oracles, oracles, 2, 3, 0]);
  return aggregator;
}

export function planChainlinkFeed(
  plan: DeploymentPlan,
  asset: string,
  answer: bigint,
  pace: FeedPace,
  accounts: DevnetAccounts,
): DevnetChainlinkFeed {
  const minSubmissionValue = answer / BOUND_FACTOR + 1n;
  const maxSubmissionValue = answer * BOUND_FACTOR;
  const aggregator = planAggregator(plan, asset, { minSubmissionValue, maxSubmissionValue }, accounts);
  const proxy = plan.create(`EACAggregatorProxy(${asset})`, builtArtifact('EACAggregatorProxy'), [
    aggregator,
    zeroAddress,
  ]);
  return { proxy, aggregator, decimals: PRICE_DECIMALS, ...pace, minSubmissionValue, maxSubmissionValue };
}
