import type { Logger } from 'pino';
import { SECONDS_PER_YEAR, type UnixMs } from '../../risk/units/time.ts';
import { BreakwaterClient } from '../client/client.ts';
import { DEFAULT_PARAMETERS } from './market/parameters.ts';
import type { MarketSource, RiskyAsset } from './market/source.ts';
import { demoExpiries, quotedExpiries } from './surface.ts';

/** Assets with options; SOL is left for whoever wants to push a surface of their own. */
export const VENUE_ASSETS = ['BTC', 'ETH'] as const satisfies readonly RiskyAsset[];
const PUSH_WALL_MS = 1000;
/** Wall time that a push stays good for: a machine that stands still for some seconds loses no surface. */
const GOOD_FOR_WALL_SECONDS = 20;
/** Market time over which the venue averages the variance that it sees, years: 6 hours. */
const MEMORY_YEARS = (6 * 3600) / SECONDS_PER_YEAR;

/** Oldest venue data that may count, in market seconds at a speed. */
function maxAgeSecondsAt(speed: number): number {
  return Math.min(86_400, Math.max(300, Math.ceil(GOOD_FOR_WALL_SECONDS * speed)));
}

export interface DemoVenue {
  stop(): Promise<void>;
  readonly pushes: number;
}

/**
 * An options venue as a tenant runs it: pushes surfaces of its own over HTTP, following the volatility of the market.
 * A push that is refused or not answered is told in the log, and the next one comes in time. The first is through when
 * it returns.
 */
export async function startVenue(options: {
  readonly url: string;
  readonly source: MarketSource;
  readonly speed: number;
  readonly logger: Logger;
}): Promise<DemoVenue> {
  const { url, source, speed, logger } = options;
  const client = new BreakwaterClient({ baseUrl: url, attempts: 3 });
  const variances = new Map<RiskyAsset, { variance: number; atMs: number }>();
  const quoted = new Map<RiskyAsset, Set<UnixMs>>(VENUE_ASSETS.map((asset) => [asset, new Set()]));
  let sequence = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const push = async (asset: RiskyAsset) => {
    const { timeMs, assets } = source.current();
    const { price, annualVolatility } = assets[asset];
    const longRunVolatility = DEFAULT_PARAMETERS.baseVolatility[asset];
    // The simulator draws its first volatility with its first step.
    const seen = annualVolatility > 0 ? annualVolatility ** 2 : longRunVolatility ** 2;
    const before = variances.get(asset) ?? { variance: longRunVolatility ** 2, atMs: timeMs };
    const keep = Math.exp(-(timeMs - before.atMs) / 1000 / SECONDS_PER_YEAR / MEMORY_YEARS);
    const variance = keep * before.variance + (1 - keep) * seen;
    variances.set(asset, { variance, atMs: timeMs });
    await client.putMarketData(`${asset}-OPTIONS`, {
      sequence,
      asOf: new Date(timeMs).toISOString(),
      maxAgeSeconds: maxAgeSecondsAt(speed),
      expiries: demoExpiries(
        { price, volatility: Math.sqrt(variance), longRunVolatility },
        timeMs,
        quotedExpiries(quoted.get(asset)!, timeMs),
      ),
    });
  };
  const pushAll = async () => {
    sequence += 1;
    for (const asset of VENUE_ASSETS) await push(asset);
  };

  await pushAll();
  let inHand: Promise<void> = Promise.resolve();
  const loop = () => {
    inHand = pushAll()
      .catch((error: unknown) => logger.warn({ err: error }, 'the demo venue could not push its surfaces'))
      .then(() => {
        if (!stopped) timer = setTimeout(loop, PUSH_WALL_MS);
      });
  };
  timer = setTimeout(loop, PUSH_WALL_MS);
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await inHand;
    },
    get pushes() {
      return sequence;
    },
  };
}
