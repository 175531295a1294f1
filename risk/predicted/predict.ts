import { BreakwaterError, InvalidInputError } from '../errors.ts';
import type { MarketSnapshot } from '../market/market-data.ts';
import type { AnyMarket, PositionFailure, RiskModule } from '../modules/module.ts';
import type { AnyPortfolio } from '../portfolio/portfolio.ts';
import { settle } from '../units/settle.ts';
import type { Wad } from '../units/wad.ts';
import { type CorrelationMatrix, choleskyOf } from './correlation.ts';
import { bridgeCrossing } from './crossing.ts';
import { BUCKETS, futureBuffer } from './future-buffer.ts';
import { pathGenerator } from './paths.ts';
import { isSampleable, varianceSampler, viewFor } from './variance.ts';

/** No forecast to predict with, for the assets in `details.assets`. */
export class ForecastUnavailableError extends BreakwaterError {
  override readonly name = 'ForecastUnavailableError';
  readonly assets: readonly string[];
  constructor(assets: readonly string[]) {
    super(`no volatility forecast for ${assets.join(', ')}`, {
      type: 'forecast-unavailable',
      kind: 'unavailable',
      details: { assets },
    });
    this.assets = assets;
  }
}

export interface PredictionInput<P> {
  readonly module: RiskModule<P>;
  readonly parameters: P;
  readonly portfolio: AnyPortfolio;
  readonly markets: ReadonlyMap<string, AnyMarket>;
  readonly market: MarketSnapshot;
  /** Hours ahead, above 0, at most 168. */
  readonly horizonHours: number;
  /** Probability of the reported quantiles, in (0, 1), e.g. 0.95. */
  readonly quantile: number;
  readonly correlation: CorrelationMatrix;
  /** Simulated paths, 64 to 65,536; rounded up to a multiple of 8 (independent randomisations). Default 2048. */
  readonly paths?: number;
  /** Moments at which a breach is looked for, 1 to 96. Default 12. */
  readonly steps?: number;
  /** Same seed, same answer. Default 1. */
  readonly seed?: number;
}

/** Mean and quantile over all paths at the end of the horizon, in the module's quote asset. */
export interface PredictedAmount {
  readonly meanWad: Wad;
  readonly quantileWad: Wad;
}

export interface PredictedMargin {
  readonly horizonHours: number;
  readonly quantile: number;
  readonly asOfMs: number;
  readonly initialRequirement: PredictedAmount;
  readonly maintenanceRequirement: PredictedAmount;
  /** Quantile of the bad side: net maintenance margin falls below it with probability 1 - quantile. */
  readonly netMaintenance: PredictedAmount;
  /** Probability that net maintenance margin is negative at any time until then; null while a position has no value. */
  readonly breachProbability: number | null;
  /** Of `breachProbability`, from the spread of 8 independent randomisations; at least one path. */
  readonly standardError: number | null;
  readonly paths: number;
  readonly steps: number;
  /** Assets held at their price: without a forecast and not buffered (stablecoins). */
  readonly constantAssets: readonly string[];
  readonly failures: readonly PositionFailure[];
}

const REPLICATES = 8;

function checked<P>(input: PredictionInput<P>) {
  const { horizonHours, quantile, paths = 2048, steps = 12, seed = 1 } = input;
  if (!(horizonHours > 0 && horizonHours <= 168)) {
    throw new InvalidInputError('horizonHours', 'must be above 0 and at most 168');
  }
  if (!(quantile > 0 && quantile < 1)) throw new InvalidInputError('quantile', 'must be between 0 and 1');
  if (!(Number.isInteger(paths) && paths >= 64 && paths <= 65_536)) {
    throw new InvalidInputError('paths', 'must be a whole number from 64 to 65536');
  }
  if (!(Number.isInteger(steps) && steps >= 1 && steps <= 96)) {
    throw new InvalidInputError('steps', 'must be a whole number from 1 to 96');
  }
  if (!Number.isInteger(seed)) throw new InvalidInputError('seed', 'must be a whole number');
  return { horizonHours, quantile, perReplicate: Math.ceil(paths / REPLICATES), steps, seed };
}

/** `sorted[ceil(n p) - 1]`, the convention of docs/risk.md. */
function quantileOf(values: Float64Array, p: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * p) - 1))]!;
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/**
 * Margin as the forecast sees it at `asOf + horizonHours`: prices move lognormally without drift, correlated, with a
 * variance drawn from the forecast's distribution (the same quantile for all assets: volatility is common); the
 * requirement moves with the price and with the buffer. Breach is looked for at every step and, by the Brownian
 * bridge, between steps (first passage). Pure and deterministic: scrambled Halton with Brownian bridge. Method and limits: docs/risk.md.
 * @throws InvalidInputError naming the field; ForecastUnavailableError
 */
export function predictMargin<P>(input: PredictionInput<P>): PredictedMargin {
  const { horizonHours, quantile, perReplicate, steps, seed } = checked(input);
  const { module, parameters, portfolio, markets, market } = input;
  const { failures } = module.calculate(portfolio, markets, market, parameters);
  const revaluer = module.revaluer(portfolio, markets, market, parameters);
  const { assets } = revaluer;
  const views = assets.map((asset) => viewFor(market.volatility.get(asset), horizonHours));
  const missing = assets.filter(
    (asset, i) => !isSampleable(views[i]) && module.bufferParameters(asset, parameters) !== null,
  );
  if (missing.length > 0) throw new ForecastUnavailableError(missing);
  const samplers = views.map((view) => (isSampleable(view) ? varianceSampler(view, horizonHours) : () => 0));
  const moving = assets.filter((_, i) => isSampleable(views[i]));
  const slots = assets.map((asset) => moving.indexOf(asset));
  const lower = choleskyOf(input.correlation, moving);
  const buffers = assets.map((asset, i) =>
    futureBuffer(
      asset,
      market,
      module.bufferParameters(asset, parameters),
      samplers[i]!,
      horizonHours,
      steps,
    ),
  );

  const bridge = bridgeCrossing(revaluer, slots, lower, moving.length, buffers);
  const total = perReplicate * REPLICATES;
  const initial = new Float64Array(total);
  const maintenance = new Float64Array(total);
  const net = new Float64Array(total);
  const breachesOf = new Float64Array(REPLICATES);
  const variances = new Float64Array(assets.length);
  const scale = new Float64Array(assets.length);
  const initialFactor = new Float64Array(assets.length);
  const maintenanceFactor = new Float64Array(assets.length);
  const out = { equity: 0, initialRequirement: 0, maintenanceRequirement: 0 };
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    const generate = pathGenerator(moving.length, steps, lower, Math.imul(seed, 7919) + replicate);
    for (let n = 0; n < perReplicate; n++) {
      const path = generate(n);
      const u = path.varianceUniform;
      const bucket = Math.min(BUCKETS - 1, Math.floor(u * BUCKETS));
      for (let a = 0; a < assets.length; a++) variances[a] = samplers[a]!(u);
      let survival = 1;
      let before = 0;
      for (let step = 0; step <= steps; step++) {
        for (let a = 0; a < assets.length; a++) {
          const variance = variances[a]!;
          const motion = slots[a]! < 0 ? 0 : path.motion[step * moving.length + slots[a]!]!;
          scale[a] = Math.exp(Math.sqrt(variance) * motion - (variance * step) / (2 * steps));
          initialFactor[a] = buffers[a]!.initial[bucket * (steps + 1) + step]!;
          maintenanceFactor[a] = buffers[a]!.maintenance[bucket * (steps + 1) + step]!;
        }
        revaluer.evaluate(scale, initialFactor, maintenanceFactor, out);
        const margin = out.equity - out.maintenanceRequirement;
        if (margin < 0) survival = 0;
        else if (step > 0 && survival > 0)
          survival *= 1 - bridge.crossing(before, margin, scale, variances, steps);
        before = margin;
      }
      const at = replicate * perReplicate + n;
      initial[at] = out.initialRequirement;
      maintenance[at] = out.maintenanceRequirement;
      net[at] = out.equity - out.maintenanceRequirement;
      breachesOf[replicate] = breachesOf[replicate]! + (1 - survival) / perReplicate;
    }
  }
  const known = failures.length === 0;
  const probability = mean(breachesOf);
  const spread = Math.sqrt(mean(breachesOf.map((share) => (share - probability) ** 2)) / (REPLICATES - 1));
  return {
    horizonHours,
    quantile,
    asOfMs: market.asOfMs,
    initialRequirement: amount(initial, quantile, 'debit'),
    maintenanceRequirement: amount(maintenance, quantile, 'debit'),
    netMaintenance: amount(net, 1 - quantile, 'credit'),
    breachProbability: known ? probability : null,
    standardError: known ? Math.max(spread, 1 / total) : null,
    paths: total,
    steps,
    constantAssets: assets.filter((_, i) => slots[i]! < 0),
    failures,
  };
}

function amount(values: Float64Array, p: number, side: 'credit' | 'debit'): PredictedAmount {
  return { meanWad: settle(mean(values), side), quantileWad: settle(quantileOf(values, p), side) };
}
