import { advanceBuffer } from '../../risk/buffer/advance.ts';
import { type BufferParameters, bufferSchema } from '../../risk/buffer/parameters.ts';
import { type BufferSchedule, factorsAt } from '../../risk/buffer/schedule.ts';
import { policyFactor } from '../../risk/buffer/target.ts';
import type { UnixMs } from '../../risk/units/time.ts';

/** The buffers of `risk/buffer` as they serve. */
export const NAMED_POLICIES = ['buffer25', 'stress25', 'floor'] as const;
/**
 * `unbuffered` is the plain margin; `weight25` the yardstick of the named ones: a quarter of the weight on the stressed
 * volatility and nothing else, that is `stress25` without clamp and without slow falls.
 */
export const POLICIES = ['unbuffered', 'weight25', ...NAMED_POLICIES] as const;
export type Policy = (typeof POLICIES)[number];

/** Volatilities of 24 hours, as roots of variances (not annualised). */
export interface PolicyInput {
  /** Root of the variance forecast. */
  readonly sigma: number;
  /** What the factor is relative to: root of the trailing 365-day median of realised variance. */
  readonly reference: number;
  /** Root of the mean hourly variance since the start of the data, annualised (0.8 = 80 %). */
  readonly longRunVolatility: number;
}

const DEFAULTS = bufferSchema.parse({});
/** Weight of the stressed volatility in `weight25`. */
export const STRESS_WEIGHT = 0.25;

/** Factors on the margin at reference volatility, one per policy; advanced once per hour. */
export class PolicyFactors {
  private readonly asset: string;
  private readonly schedules = new Map<Policy, BufferSchedule>();

  constructor(asset: string) {
    this.asset = asset;
  }

  /** Moves the schedules of the named policies to the forecast of `nowMs`; one without numbers is no forecast. */
  step(input: PolicyInput, nowMs: UnixMs): void {
    const known = input.sigma > 0 && input.reference > 0 && input.longRunVolatility > 0;
    for (const policy of NAMED_POLICIES) {
      const before = this.schedules.get(policy) ?? null;
      if (!known && before === null) continue;
      const p: BufferParameters = {
        ...DEFAULTS,
        policy,
        longRunVolatility: policy === 'floor' ? input.longRunVolatility : DEFAULTS.longRunVolatility,
      };
      const target = {
        asset: this.asset,
        factor: known ? policyFactor(input.sigma, input.reference, p) : null,
        mayLower: known,
        sigmaQuantile: known ? input.sigma : null,
        sigmaReference: known ? input.reference : null,
        forecastAsOfMs: known ? nowMs : null,
        model: 'backtest',
        modelVersion: '1.0.0',
        reasons: [],
      };
      this.schedules.set(policy, advanceBuffer(before, target, nowMs, p));
    }
  }

  /**
   * Factors under a policy at `nowMs`; NaN before there are any. Maintenance follows a rise of the named policies after
   * their notice; without a policy both are the same.
   */
  factors(policy: Policy, input: PolicyInput, nowMs: UnixMs): MarginFactors {
    const plain = input.sigma / input.reference;
    if (policy === 'unbuffered') return same(plain);
    if (policy === 'weight25')
      return same((1 - STRESS_WEIGHT) * plain + STRESS_WEIGHT * DEFAULTS.stressFactor);
    const schedule = this.schedules.get(policy);
    if (schedule === undefined) return same(Number.NaN);
    const { initialFactor, maintenanceFactor } = factorsAt(schedule, nowMs);
    return { initial: initialFactor, maintenance: maintenanceFactor };
  }
}

export interface MarginFactors {
  readonly initial: number;
  readonly maintenance: number;
}

const same = (factor: number): MarginFactors => ({ initial: factor, maintenance: factor });
