/** Classes of an oracle price from worst to best; the first that applies is the class. */
export const VALIDITY = [
  'non-positive',
  'too-volatile',
  'too-uncertain',
  'stale-for-margin',
  'insufficient-data',
  'stale-for-amm',
  'valid',
] as const;
export type Validity = (typeof VALIDITY)[number];

export interface ValidityLimits {
  readonly slotsBeforeStaleForAmm: number;
  readonly slotsBeforeStaleForMargin: number;
  /** Confidence over price, in millionths. */
  readonly maxConfidencePpm: bigint;
  /** Greatest integer ratio of price and average. */
  readonly tooVolatileRatio: bigint;
}

export interface ValidityInput {
  readonly price: bigint;
  readonly confidence: bigint;
  readonly averagePrice: bigint;
  readonly delaySlots: number;
  readonly enoughData: boolean;
}

/** Class of one price. Ratios are integer divisions, as where the limits come from. */
export function validityOf(input: ValidityInput, limits: ValidityLimits): Validity {
  const { price, averagePrice, confidence, delaySlots, enoughData } = input;
  if (price <= 0n) return 'non-positive';
  const [low, high] = price < averagePrice ? [price, averagePrice] : [averagePrice, price];
  if (high / (low > 1n ? low : 1n) > limits.tooVolatileRatio) return 'too-volatile';
  if ((confidence * 1_000_000n) / price > limits.maxConfidencePpm) return 'too-uncertain';
  if (delaySlots > limits.slotsBeforeStaleForMargin) return 'stale-for-margin';
  if (!enoughData) return 'insufficient-data';
  return delaySlots > limits.slotsBeforeStaleForAmm ? 'stale-for-amm' : 'valid';
}

/** What a price may be used for; each action tolerates everything from its worst class on, with gaps where listed. */
const ALLOWED: Readonly<Record<string, readonly Validity[]>> = {
  'fill-amm-immediate': ['valid'],
  'fill-amm-low-risk': ['valid', 'stale-for-amm'],
  'oracle-order-price': ['valid', 'stale-for-amm', 'insufficient-data'],
  'margin-calculation': ['valid', 'stale-for-amm', 'insufficient-data'],
  'update-funding': ['valid', 'stale-for-amm', 'insufficient-data', 'stale-for-margin'],
  'settle-pnl': ['valid', 'stale-for-amm', 'insufficient-data', 'stale-for-margin'],
  'fill-match': ['valid', 'stale-for-amm', 'insufficient-data', 'stale-for-margin'],
  'trigger-or-liquidate': [
    'valid',
    'stale-for-amm',
    'insufficient-data',
    'stale-for-margin',
    'too-uncertain',
  ],
  'update-average': VALIDITY.filter((validity) => validity !== 'non-positive'),
};

/** Whether a price of this class may serve the action; unknown actions may use nothing but a valid price. */
export function mayServe(action: string, validity: Validity): boolean {
  return (ALLOWED[action] ?? ['valid']).includes(validity);
}

/** Signed distance of the mark from the five-minute average, in millionths of the mark. */
export function markSpreadPpm(mark: bigint, fiveMinuteAverage: bigint): bigint {
  return ((mark - fiveMinuteAverage) * 1_000_000n) / mark;
}

/** The mark has left the oracle when the spread exceeds the configured limit, which is never below 10 %. */
export function markDiverges(spreadPpm: bigint, configuredPpm: bigint): boolean {
  const limit = configuredPpm > 100_000n ? configuredPpm : 100_000n;
  return (spreadPpm < 0n ? -spreadPpm : spreadPpm) > limit;
}
