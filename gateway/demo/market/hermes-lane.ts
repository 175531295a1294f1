import { settle } from '../../../risk/units/settle.ts';
import type { UnixMs } from '../../../risk/units/time.ts';
import type { HermesPort, HermesPrice } from './ports.ts';
import type { PythPrice } from './sources/pyth-stream.ts';

/** Exponent of Pyth's dollar feeds of coins. */
const EXPO = -8;
const UNIT = 10n ** 10n;

/** Sends Pyth's prices to the Hermes-wire server, as integers with their common exponent. */
export class HermesLane {
  paused = false;
  readonly #port: HermesPort;
  readonly #priceIds: ReadonlyMap<string, `0x${string}`>;
  #lastSeconds: number | null = null;

  constructor(port: HermesPort, priceIds: ReadonlyMap<string, `0x${string}`>) {
    this.#port = port;
    this.#priceIds = priceIds;
  }

  /** Returns how many prices went out; 0 while paused. */
  publish(prices: readonly PythPrice[], timeMs: UnixMs): number {
    if (this.paused) return 0;
    const publishTimeSeconds = timeMs / 1000;
    const messages = prices.flatMap((price): HermesPrice[] => {
      const priceId = this.#priceIds.get(price.asset);
      if (priceId === undefined) return [];
      return [
        {
          priceId,
          price: toInteger(price.price),
          conf: toInteger(price.confidence),
          expo: EXPO,
          publishTimeSeconds,
          prevPublishTimeSeconds: this.#lastSeconds ?? publishTimeSeconds - 1,
          emaPrice: toInteger(price.emaPrice),
          emaConf: toInteger(price.emaConfidence),
        },
      ];
    });
    this.#port.publish(messages);
    this.#lastSeconds = publishTimeSeconds;
    return messages.length;
  }
}

function toInteger(value: number): bigint {
  return settle(value, 'credit', 'price') / UNIT;
}
