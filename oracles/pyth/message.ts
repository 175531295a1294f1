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
const MAX_TIME_SECONDS = 4_102_444_800;
const MAX_EXPONENT = 18;

/** Bytes of a price message: type, id, price, confidence, exponent, two times, EMA with its confidence. */
const PRICE_MESSAGE_BYTES = 85;
const ID_FROM = 1;
const ID_TO = 33;
const PRICE_FROM = 33;
const CONF_FROM = 41;
const EXPO_FROM = 49;
const PUBLISH_TIME_FROM = 53;
const PREV_PUBLISH_TIME_FROM = 61;
const EMA_PRICE_FROM = 69;
const EMA_CONF_FROM = 77;

/** One message at a time, so that no view is made for each. */
const bytesOfOne = Buffer.alloc(PRICE_MESSAGE_BYTES);
const viewOfOne = new DataView(bytesOfOne.buffer, bytesOfOne.byteOffset, PRICE_MESSAGE_BYTES);

/** A price message in order, without the steps that only tell what is wrong with one; null for anything else. */
function readInOrder(bytes: Uint8Array): PriceMessage | null {
  if (bytes.length !== PRICE_MESSAGE_BYTES || bytes[0] !== PRICE_FEED_MESSAGE) return null;
  bytesOfOne.set(bytes);
  const expo = viewOfOne.getInt32(EXPO_FROM);
  const publishTimeSeconds = viewOfOne.getUint32(PUBLISH_TIME_FROM + 4);
  const prevPublishTimeSeconds = viewOfOne.getUint32(PREV_PUBLISH_TIME_FROM + 4);
  // Times up to 2100 fit in the lower half of their eight bytes.
  const inOrder =
    Math.abs(expo) <= MAX_EXPONENT &&
    viewOfOne.getInt32(PUBLISH_TIME_FROM) === 0 &&
    viewOfOne.getInt32(PREV_PUBLISH_TIME_FROM) === 0 &&
    publishTimeSeconds <= MAX_TIME_SECONDS &&
    prevPublishTimeSeconds <= MAX_TIME_SECONDS;
  if (!inOrder) return null;
  return {
    priceId: `0x${bytesOfOne.toString('hex', ID_FROM, ID_TO)}`,
    price: viewOfOne.getBigInt64(PRICE_FROM),
    conf: viewOfOne.getBigUint64(CONF_FROM),
    expo,
    publishTimeSeconds,
    prevPublishTimeSeconds,
    emaPrice: viewOfOne.getBigInt64(EMA_PRICE_FROM),
    emaConf: viewOfOne.getBigUint64(EMA_CONF_FROM),
  };
}

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
  const inOrder = readInOrder(bytes);
  if (inOrder !== null) return { kind: 'price', message: inOrder };
  const reader = new ByteReader(bytes);
  const type = reader.u8('message type');
  if (type === TWAP_MESSAGE) return { kind: 'skipped', reason: 'a TWAP message carries no spot price' };
  if (type === STAKE_CAPS_MESSAGE) return { kind: 'skipped', reason: 'a stake-cap message carries no price' };
  if (type !== PRICE_FEED_MESSAGE) throw new MalformedMessageError('message type', String(type));
  const priceId = bytesToHex(reader.take(32, 'price id'));
  const price = reader.i64('price');
  const conf = reader.u64('confidence');
  const expo = reader.i32('exponent');
  if (Math.abs(expo) > MAX_EXPONENT) throw new MalformedMessageError('exponent', String(expo));
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
