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
    // A round costs little on a layer 2, so that its feeds answer sooner and to smaller moves.
    pace: (asset) =>
      asset === QUOTE_ASSET
        ? { heartbeatSeconds: 86_400, deviationBps: 10 }
        : { heartbeatSeconds: 1200, deviationBps: 15 },
  },
];
