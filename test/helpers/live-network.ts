import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevnet } from '../../chains/devnet/start-devnet.ts';
import { startHermesServer } from '../../gateway/demo/hermes/server.ts';
import { createDevelopmentSigner } from '../../gateway/demo/hermes/signer.ts';
import { MarketSimulator } from '../../gateway/demo/market/simulator.ts';
import { demoNetwork } from '../../gateway/demo/network.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';

export interface LiveNetwork {
  /** Path of a network file that describes it. */
  readonly file: string;
  /** A directory that goes with it. */
  readonly directory: string;
  stop(): Promise<void>;
}

const PRICES = { BTC: 60_000, ETH: 3_000, SOL: 150, USDC: 1 };
const EXPO = -8;

/**
 * Local chains and a Hermes-wire server that live at wall time, for entry points in live mode: a block and a signed
 * update each second, 14 months of simulated hourly history in candle files. All sources have constant prices, or with
 * `moving` those of Pyth and Chainlink go up and down by half a percent.
 */
export async function startLiveNetwork({ moving = false } = {}): Promise<LiveNetwork> {
  const directory = mkdtempSync(join(tmpdir(), 'breakwater-live-'));
  const startTimeSeconds = Math.floor(Date.now() / 1000) - 2;
  const devnet = await startDevnet({ startTimeSeconds, prices: PRICES });
  const signer = createDevelopmentSigner({ seed: 'live test' });
  const hermes = await startHermesServer({ port: 0, host: '127.0.0.1', signer });
  const entriesAt = (timestampSeconds: number) =>
    Object.entries(PRICES).map(([asset, price], index): [string, number] => {
      const swing = moving && asset !== 'USDC' ? 0.005 * Math.sin(timestampSeconds / (3 + index)) : 0;
      return [asset, price * (1 + swing)];
    });
  const ids = devnet.chains[0]!.pyth.priceIds;
  let last = startTimeSeconds;
  let running: Promise<unknown> = Promise.resolve();

  const step = async () => {
    const timestampSeconds = Math.floor(Date.now() / 1000);
    if (timestampSeconds <= last) return;
    last = timestampSeconds;
    const entries = entriesAt(timestampSeconds);
    hermes.publish(
      entries.map(([asset, price]) => {
        const value = BigInt(Math.round(price * 10 ** -EXPO));
        const conf = value / 10_000n;
        return {
          priceId: ids[asset]!,
          price: value,
          conf,
          expo: EXPO,
          publishTimeSeconds: timestampSeconds,
          prevPublishTimeSeconds: timestampSeconds - 1,
          emaPrice: value,
          emaConf: conf,
        };
      }),
    );
    const pyth = entries.map(([asset, price]) => ({
      asset,
      price,
      confidence: price / 10_000,
      publishTimeSeconds: timestampSeconds,
    }));
    const chainlink = moving ? entries.map(([asset, price]) => ({ asset, price })) : [];
    await Promise.all(devnet.chains.map((chain) => chain.step({ timestampSeconds, pyth, chainlink })));
  };
  const timer = setInterval(() => {
    running = running.then(step).catch(() => undefined);
  }, 250);

  const hour = Math.floor(Date.now() / MS_PER_HOUR) * MS_PER_HOUR;
  const history: Record<string, string> = {};
  for (const [asset, bars] of new MarketSimulator({ seed: 3, months: 14, startMs: hour }).history()) {
    const rows = bars.map(({ tsMs, open, high, low, close, volume }) =>
      [tsMs, open, high, low, close, volume].join(','),
    );
    history[asset] = `${asset}.csv`;
    writeFileSync(join(directory, `${asset}.csv`), ['ts,open,high,low,close,volume', ...rows, ''].join('\n'));
  }
  const network = demoNetwork({ chains: devnet.chains, hermes, firstPrices: PRICES, stepSeconds: 1 });
  const file = join(directory, 'network.json');
  writeFileSync(file, JSON.stringify({ ...network, name: 'live-test', history }));
  return {
    file,
    directory,
    async stop() {
      clearInterval(timer);
      await running;
      await hermes.stop();
      await devnet.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
