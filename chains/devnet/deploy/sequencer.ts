import { type Address, getAddress, numberToHex, zeroAddress } from 'viem';
import { builtArtifact } from '../artifacts.ts';
import type { DeploymentPlan } from './plan.ts';

export interface SequencerFeed {
  readonly proxy: Address;
  readonly aggregator: Address;
}

const ALIAS_OFFSET = 0x1111000000000000000000000000000000001111n;

/** The L1 address whose messages arrive on an Arbitrum chain as coming from `l2Address`. */
export function undoL1ToL2Alias(l2Address: Address): Address {
  const l1 = BigInt.asUintN(160, BigInt(l2Address) - ALIAS_OFFSET);
  return getAddress(numberToHex(l1, { size: 20 }));
}

/**
 * The uptime feed with its flags, as on Arbitrum: only the aliased L1 sender reports, the feed raises and lowers
 * its flag, and only listed contracts (here the proxy) and plain accounts may read.
 */
export function planSequencerFeed(plan: DeploymentPlan, reporter: Address): SequencerFeed {
  const access = builtArtifact('SimpleReadAccessController');
  const flags = builtArtifact('Flags');
  const feed = builtArtifact('ArbitrumSequencerUptimeFeed');
  const controllerAddress = plan.create('flag access controller', access);
  const flagsAddress = plan.create('Flags', flags, [controllerAddress, controllerAddress]);
  const aggregator = plan.create('ArbitrumSequencerUptimeFeed', feed, [
    flagsAddress,
    undoL1ToL2Alias(reporter),
  ]);
  plan.call('flag access controller', controllerAddress, access.abi, 'addAccess', [aggregator]);
  plan.call('Flags', flagsAddress, flags.abi, 'addAccess', [aggregator]);
  plan.call('ArbitrumSequencerUptimeFeed', aggregator, feed.abi, 'initialize');
  const proxy = plan.create('EACAggregatorProxy(sequencer)', builtArtifact('EACAggregatorProxy'), [
    aggregator,
    zeroAddress,
  ]);
  plan.call('ArbitrumSequencerUptimeFeed', aggregator, feed.abi, 'addAccess', [proxy]);
  return { proxy, aggregator };
}
