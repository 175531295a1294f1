import { QUOTE_ASSET } from './assets.ts';

/** Heartbeat and deviation threshold of one Chainlink feed. */
export interface FeedPace {
  readonly heartbeatSeconds: number;
  readonly deviationBps: number;
}

/** What distinguishes the local chains from each other. */
export interface DevnetProfile {
  readonly id: string;
  readonly name: string;
  readonly chainId: number;
  readonly blockTimeSeconds: number;
  readonly maxHeadAgeSeconds: number;
  readonly hasSequencerFeed: boolean;
  /** Which of anvil's accounts owns the contracts; 1 to 6 have other parts. */
  readonly ownerIndex: 0 | 7 | 8 | 9;
  /** Which account owns LayerZero and the risk contracts. */
  readonly messagingIndex: 10 | 11 | 12;
  /** LayerZero endpoint id, of a range that no real network has. */
  readonly endpointId: number;
  /** Time until a block cannot be replaced any more, and how far value on the chain is trusted, 0 to 1. */
  readonly finalitySeconds: number;
  readonly trustWeight: number;
  readonly pace: (asset: string) => FeedPace;
}

/** Ethereum mainnet's feeds: 1 h and 0.5 % for BTC and ETH, 24 h and 2 % for SOL, 23 h and 0.25 % for USDC. */
const ETHEREUM_PACE: Readonly<Record<string, FeedPace>> = {
  BTC: { heartbeatSeconds: 3600, deviationBps: 50 },
  ETH: { heartbeatSeconds: 3600, deviationBps: 50 },
  SOL: { heartbeatSeconds: 86_400, deviationBps: 200 },
  USDC: { heartbeatSeconds: 82_800, deviationBps: 25 },
};

export const DEVNET_PROFILES: readonly DevnetProfile[] = [
  {
    id: 'hub',
    name: 'Local hub (Ethereum-like)',
    chainId: 31337,
    blockTimeSeconds: 12,
    maxHeadAgeSeconds: 120,
    hasSequencerFeed: false,
    ownerIndex: 0,
    messagingIndex: 10,
    endpointId: 59_337,
    finalitySeconds: 768,
    trustWeight: 1,
    pace: (asset) => ETHEREUM_PACE[asset] ?? { heartbeatSeconds: 86_400, deviationBps: 100 },
  },
  {
    id: 'l2',
    name: 'Local L2 (Arbitrum-like)',
    chainId: 31338,
    blockTimeSeconds: 2,
    maxHeadAgeSeconds: 60,
    hasSequencerFeed: true,
    ownerIndex: 7,
    messagingIndex: 11,
    endpointId: 59_338,
    finalitySeconds: 900,
    trustWeight: 0.95,
    // A round costs little on a layer 2, so that its feeds answer sooner and to smaller moves.
    pace: (asset) =>
      asset === QUOTE_ASSET
        ? { heartbeatSeconds: 86_400, deviationBps: 10 }
        : { heartbeatSeconds: 1200, deviationBps: 15 },
  },
  {
    id: 'l2b',
    name: 'Local L2 (OP-like)',
    chainId: 31339,
    blockTimeSeconds: 2,
    maxHeadAgeSeconds: 60,
    hasSequencerFeed: true,
    ownerIndex: 8,
    messagingIndex: 12,
    endpointId: 59_339,
    finalitySeconds: 900,
    trustWeight: 0.95,
    pace: (asset) =>
      asset === QUOTE_ASSET
        ? { heartbeatSeconds: 86_400, deviationBps: 10 }
        : { heartbeatSeconds: 1200, deviationBps: 15 },
  },
];

/** The chains that start unless others are asked for. */
export const DEFAULT_CHAINS: readonly string[] = ['hub', 'l2'];
