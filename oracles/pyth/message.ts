import { ByteReader } from './byte-reader.ts';
import { MalformedMessageError } from './errors.ts';
import { bytesToHex } from './hex.ts';

const PRICE_FEED_MESSAGE = 0;
const TWAP_MESSAGE = 1;
const STAKE_CAPS_MESSAGE = 2;

/** One price of an update. Price = `price` x 10^`expo`; `conf` and the EMA have the same exponent. */
export interface PriceMessage {
  readonly priceId: `0x${string}`;
  readonly price: bigint;
  readonly conf: bigint;
  readonly expo: number;
  readonly publishTimeSeconds: number;
  readonly prevPublishTimeSeconds: number;
  readonly emaPrice: bigint;
  readonly emaConf: bigint;
}

export type ParsedMessage =
  | { readonly kind: 'price'; readonly message: PriceMessage }
  | { readonly kind: 'skipped'; readonly reason: string };

/** 2100-01-01: later publish times are no times. */
const MAX_TIME_SECONDS = 4_102_444_800n;

function time(value: bigint, field: string): number {
  if (value < 0n || value > MAX_TIME_SECONDS) throw new MalformedMessageError(field, value.toString());
  return Number(value);
}

/**
 * Reads one accumulator message. Only spot prices become prices; TWAP and stake-cap messages are skipped
 * with a reason, because they answer another question.
 * @throws PythUpdateError
 */
export function parseMessage(bytes: Uint8Array): ParsedMessage {
  const reader = new ByteReader(bytes);
  const type = reader.u8('message type');
  if (type === TWAP_MESSAGE) return { kind: 'skipped', reason: 'a TWAP message carries no spot price' };
  if (type === STAKE_CAPS_MESSAGE) return { kind: 'skipped', reason: 'a stake-cap message carries no price' };
  if (type !== PRICE_FEED_MESSAGE) throw new MalformedMessageError('message type', String(type));
  const priceId = bytesToHex(reader.take(32, 'price id'));
  const price = reader.i64('price');
  const conf = reader.u64('confidence');
  const expo = reader.i32('exponent');
  if (expo < -18 || expo > 18) throw new MalformedMessageError('exponent', String(expo));
  const publishTimeSeconds = time(reader.i64('publish time'), 'publish time');
  const prevPublishTimeSeconds = time(reader.i64('previous publish time'), 'previous publish time');
  const emaPrice = reader.i64('EMA price');
  const emaConf = reader.u64('EMA confidence');
  reader.end('price message');
  return {
    kind: 'price',
    message: { priceId, price, conf, expo, publishTimeSeconds, prevPublishTimeSeconds, emaPrice, emaConf },
  };
}
