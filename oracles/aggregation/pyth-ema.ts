import { add, type Decimal, divide, mantissaAt, multiply, scaled, stored } from './pyth-decimal.ts';

/** Running sums of one average: sum of decayed value x weight, and of decayed weight. */
export interface EmaState {
  readonly numerator: Decimal;
  readonly denominator: Decimal;
}

export interface PythEma {
  readonly price: EmaState;
  readonly confidence: EmaState;
}

export interface EmaResult {
  readonly state: PythEma;
  /** Averages of price and confidence in the exponent given. */
  readonly price: bigint;
  readonly confidence: bigint;
}

const ZERO: Decimal = { v: 0n, e: 0 };
const ONE: Decimal = { v: 100_000_000n, e: -8 };
export const EMPTY_EMA: PythEma = {
  price: { numerator: ZERO, denominator: ZERO },
  confidence: { numerator: ZERO, denominator: ZERO },
};
/** More slots than this since the last price, and the average starts anew. */
const MAX_SLOTS = 4145;
/** -ln(2) / 5921 per slot: a half-life of 5921 slots, linear in the slots passed. */
const DECAY_PER_SLOT: Decimal = { v: -117_065n, e: -9 };

function updated(state: EmaState, value: Decimal, weight: Decimal, slots: number, expo: number) {
  let numerator: Decimal;
  let denominator: Decimal;
  let average = value;
  if (slots > MAX_SLOTS) {
    numerator = multiply(value, weight);
    denominator = weight;
  } else {
    const decay = add(multiply(DECAY_PER_SLOT, { v: BigInt(slots), e: 0 }), ONE);
    const load = ({ v, e }: Decimal) => scaled(v, e);
    numerator = add(multiply(load(state.numerator), decay), multiply(value, weight));
    denominator = add(multiply(load(state.denominator), decay), weight);
    average = divide(numerator, denominator);
  }
  const kept = { numerator: stored(numerator), denominator: stored(denominator) };
  return {
    average: mantissaAt(average, expo),
    state:
      kept.numerator === null || kept.denominator === null
        ? state
        : { numerator: kept.numerator, denominator: kept.denominator },
  };
}

/**
 * One step of Pyth's exponential moving average of price and confidence, in its decimal arithmetic: every observation
 * weighs 1 / confidence, and earlier ones decay by 1 - 117065e-9 per slot. Pure: the state goes in and comes out.
 * @param slots slots since the last step
 */
export function updateEma(
  state: PythEma,
  observation: { readonly price: bigint; readonly confidence: bigint; readonly expo: number },
  slots: number,
): EmaResult {
  const { expo } = observation;
  const price = scaled(observation.price, expo);
  const confidence = scaled(observation.confidence, expo);
  const weight = confidence.v === 0n ? ONE : divide(ONE, confidence);
  const ofPrice = updated(state.price, price, weight, slots, expo);
  const ofConfidence = updated(state.confidence, confidence, weight, slots, expo);
  return {
    state: { price: ofPrice.state, confidence: ofConfidence.state },
    price: ofPrice.average,
    confidence: ofConfidence.average,
  };
}
