import type { LaneParameters } from './chain-lane.ts';

/**
 * How often somebody pushes Pyth's price to a chain, and what its Chainlink nodes and its traders are like. Chainlink's
 * own heartbeat and deviation come with each feed of the chain.
 */
export const HUB_LANE: LaneParameters = {
  pythPace: { deviationBps: 25, heartbeatSeconds: 1800, delaySeconds: 0 },
  chainlinkNoise: 5e-5,
  noiseTradesPerHour: 30,
  noiseOfFee: 0.5,
};

/** Blocks are cheap there: more pushes, more trades. */
export const L2_LANE: LaneParameters = {
  pythPace: { deviationBps: 10, heartbeatSeconds: 600, delaySeconds: 0 },
  chainlinkNoise: 3e-5,
  noiseTradesPerHour: 60,
  noiseOfFee: 0.5,
};

/** A chain with a sequencer is a layer 2. */
export function laneParameters(chain: { readonly sequencerAggregator: unknown }): LaneParameters {
  return chain.sequencerAggregator === null ? HUB_LANE : L2_LANE;
}
