import { z } from '@hono/zod-openapi';
import { parametersOf } from '../../risk/cross-chain/haircut.ts';
import type { BufferView, ContributionLine, PositionSensitivity } from '../../risk/modules/module.ts';
import { wadToDecimal } from '../../risk/units/wad.ts';
import type { MarginAnswer } from '../app/ports.ts';
import { amount, finite, finiteOrNull, iso, orNull, reasonDto, reasonSchema, timestamp } from './common.ts';
import { envelopeDto, envelopeFields } from './envelope.ts';
import { nettingDto, nettingSchema } from './netting.ts';

const pair = z.object({ initial: amount, maintenance: amount });

const lineSchema = z
  .object({
    positionId: z.string().nullable().openapi({ description: 'null for a line of the whole account.' }),
    chain: z.string().nullable(),
    term: z.string().openapi({ example: 'perp-margin' }),
    equity: amount,
    initial: amount,
    maintenance: amount,
  })
  .openapi('ContributionLine');

const chainSumSchema = z
  .object({ chain: z.string().nullable(), equity: amount, initial: amount, maintenance: amount })
  .openapi('ChainContribution');

const haircutSchema = z
  .object({
    finalitySeconds: z.number(),
    messageSeconds: z.number(),
    trustWeight: z.number(),
    finalityMultiple: z.number(),
    messageMultiple: z.number(),
    quantile: z.number().openapi({ description: 'Of the volatility forecast.' }),
    deviations: z.number(),
    stableVolatility: z.number().openapi({ description: 'Per year.' }),
  })
  .openapi('ChainHaircut');

const venueChainSchema = z
  .object({
    chain: z.string(),
    block: z
      .string()
      .nullable()
      .openapi({ description: 'Block that was read; null when none could be, and of a past moment.' }),
    blockTime: timestamp.nullable(),
    cutOff: orNull(reasonSchema, 'Why only the losses on the chain count; null while its value counts too.'),
    books: orNull(
      z.object({ block: z.string(), blockTime: timestamp }),
      'Oldest block that the books which count are of: older than now while the chain is cut off; null when none was ever read.',
    ),
    haircut: orNull(
      haircutSchema,
      'What value there loses when it covers a loss elsewhere; null: all of it.',
    ),
  })
  .openapi('VenueChain');

const moveSchema = z
  .object({
    from: z.string().nullable().openapi({ description: 'null: cash of the account itself.' }),
    to: z.string().nullable(),
    asset: z.string(),
    value: amount,
    haircut: amount.openapi({ description: 'Part of the value that does not count for the other chain.' }),
  })
  .openapi('ChainMove');

const bufferSchema = z
  .object({
    asset: z.string(),
    horizonHours: z.number(),
    initialFactor: z.number(),
    maintenanceFactor: z.number(),
    sigmaQuantile: z.number().nullable(),
    sigmaReference: z.number().nullable(),
    model: z.string(),
    policy: z.string().openapi({ description: 'Named anti-procyclical policy.' }),
    maintenanceTarget: z.number().openapi({ description: 'Factor that maintenance moves to.' }),
    effectiveFrom: timestamp
      .nullable()
      .openapi({ description: 'When a rise is fully in force; null when none is under notice.' }),
    reasons: z.array(reasonSchema),
  })
  .openapi('PredictiveBuffer');

export const failureSchema = z
  .object({ positionId: z.string(), reason: reasonSchema })
  .openapi('PositionFailure');

const greeksSchema = z
  .object({
    gamma: z.number().openapi({ description: 'd delta / d forward, per 1 of quote.' }),
    vega: z.number().openapi({ description: 'Per volatility point.' }),
    theta: z.number().openapi({ description: 'Per day.' }),
    rho: z.number().openapi({ description: 'Per 1 % of rate.' }),
  })
  .openapi('Greeks');

const sensitivitySchema = z
  .object({
    positionId: z.string(),
    asset: z.string(),
    delta: z.number().openapi({ description: 'd equity / d spot, in units of the asset.' }),
    initialSlope: z.number().openapi({ description: 'd initial requirement / d spot.' }),
    maintenanceSlope: z.number().openapi({ description: 'd maintenance requirement / d spot.' }),
    greeks: orNull(greeksSchema, 'Of an option, for the whole position; null for what is linear.'),
  })
  .openapi('PositionSensitivity');

const exposureSchema = z
  .object({
    asset: z.string(),
    delta: z.number(),
    gamma: z.number(),
    vega: z.number(),
    theta: z.number(),
    rho: z.number(),
    initialSlope: z.number(),
    maintenanceSlope: z.number(),
  })
  .openapi('AssetExposure');

const worstScenarioSchema = z
  .object({
    asset: z.string(),
    scenario: z.string().openapi({ example: 'spot x0.85, volatility up' }),
    loss: amount.openapi({ description: 'Loss in it for initial margin, before any factor.' }),
  })
  .openapi('WorstScenario');

export const marginFields = {
  accountId: z.string().nullable().openapi({ description: 'null for a simulation.' }),
  sequence: z
    .int()
    .nullable()
    .openapi({ description: 'Sequence number of the book; null for a simulation.' }),
  status: z.enum(['healthy', 'warned', 'margin-call', 'liquidatable', 'insolvent', 'unknown']),
  equity: amount,
  requirement: pair.openapi({ description: 'What must be covered, in the quote asset.' }),
  net: pair.openapi({ description: 'Equity minus requirement; positive = healthy.' }),
  lines: z.array(lineSchema).openapi({
    description: 'Additive: their sums are equity and requirement exactly.',
  }),
  chains: z.array(chainSumSchema),
  venueChains: z.array(venueChainSchema).openapi({
    description: 'Chains whose venues were read for the account; empty without any.',
  }),
  moves: z.array(moveSchema).openapi({
    description:
      'What one chain has to spare that covers what another lacks, cheapest first, and what is lost on the way.',
  }),
  buffers: z.array(bufferSchema),
  sensitivities: z.array(sensitivitySchema),
  exposures: z.array(exposureSchema).openapi({
    description: 'Sums of the sensitivities by asset; amounts of different assets do not add.',
  }),
  worstScenarios: z.array(worstScenarioSchema).openapi({
    description: 'What decides the requirement of each asset; empty for modules without scenarios.',
  }),
  failures: z.array(failureSchema).openapi({
    description: 'Positions that could not be valued; the rest of the answer stands.',
  }),
  netting: nettingSchema.optional(),
};

export const marginSchema = z.object({ ...marginFields, ...envelopeFields }).openapi('Margin');
export type MarginDto = z.infer<typeof marginSchema>;

/** A margin answer with its envelope; `nowMs` is market time. */
export function marginDto(answer: MarginAnswer, nowMs: number, priceValidForMs: number): MarginDto {
  const { result } = answer;
  return {
    accountId: answer.accountId,
    sequence: answer.sequence === null ? null : Number(answer.sequence),
    status: result.status,
    equity: wadToDecimal(result.equityWad),
    requirement: {
      initial: wadToDecimal(result.initialRequirementWad),
      maintenance: wadToDecimal(result.maintenanceRequirementWad),
    },
    net: {
      initial: wadToDecimal(result.netInitialWad),
      maintenance: wadToDecimal(result.netMaintenanceWad),
    },
    lines: result.lines.map(lineDto),
    chains: chainSums(result.lines),
    venueChains: (answer.across?.states ?? []).map(({ chain, cut, link }, index) => {
      const { books, ...block } = answer.across!.blocks[index]!;
      return {
        chain,
        block: block.number?.toString() ?? null,
        blockTime: block.timeMs === null ? null : iso(block.timeMs),
        cutOff: cut === null ? null : reasonDto(cut),
        books: books === null ? null : { block: books.number.toString(), blockTime: iso(books.timeMs) },
        haircut:
          link === null
            ? null
            : {
                finalitySeconds: link.finalitySeconds,
                messageSeconds: link.messageSeconds,
                trustWeight: link.trustWeight,
                ...parametersOf(link, answer.across!.haircut),
              },
      };
    }),
    moves: (answer.across?.moves ?? []).map(({ from, to, asset, valueWad, haircutWad }) => ({
      from,
      to,
      asset,
      value: wadToDecimal(valueWad),
      haircut: wadToDecimal(haircutWad),
    })),
    buffers: result.buffers.map(bufferDto),
    sensitivities: result.sensitivities.map((one) => ({
      positionId: one.positionId,
      asset: one.asset,
      delta: finite(one.delta, 'delta'),
      initialSlope: finite(one.initialSlope, 'initialSlope'),
      maintenanceSlope: finite(one.maintenanceSlope, 'maintenanceSlope'),
      greeks: one.greeks === undefined ? null : greeksDto(one.greeks),
    })),
    exposures: exposuresOf(result.sensitivities),
    worstScenarios: (result.worstScenarios ?? []).map(({ asset, scenario, lossWad }) => ({
      asset,
      scenario,
      loss: wadToDecimal(lossWad),
    })),
    failures: result.failures.map((failure) => ({
      positionId: failure.positionId,
      reason: reasonDto(failure.reason),
    })),
    ...(answer.netting === undefined ? {} : { netting: nettingDto(answer.netting) }),
    ...envelopeDto(answer, nowMs, priceValidForMs, result.reasons),
  };
}

export function greeksDto({ gamma, vega, theta, rho }: NonNullable<PositionSensitivity['greeks']>) {
  return {
    gamma: finite(gamma, 'gamma'),
    vega: finite(vega, 'vega'),
    theta: finite(theta, 'theta'),
    rho: finite(rho, 'rho'),
  };
}

/** Sums by asset, in order of first appearance. */
export function exposuresOf(sensitivities: readonly PositionSensitivity[]): z.infer<typeof exposureSchema>[] {
  const sums = new Map<string, z.infer<typeof exposureSchema>>();
  for (const { asset, delta, initialSlope, maintenanceSlope, greeks } of sensitivities) {
    let sum = sums.get(asset);
    if (sum === undefined) {
      sum = { asset, delta: 0, gamma: 0, vega: 0, theta: 0, rho: 0, initialSlope: 0, maintenanceSlope: 0 };
      sums.set(asset, sum);
    }
    sum.delta = finite(sum.delta + delta, 'delta');
    sum.gamma = finite(sum.gamma + (greeks?.gamma ?? 0), 'gamma');
    sum.vega = finite(sum.vega + (greeks?.vega ?? 0), 'vega');
    sum.theta = finite(sum.theta + (greeks?.theta ?? 0), 'theta');
    sum.rho = finite(sum.rho + (greeks?.rho ?? 0), 'rho');
    sum.initialSlope = finite(sum.initialSlope + initialSlope, 'initialSlope');
    sum.maintenanceSlope = finite(sum.maintenanceSlope + maintenanceSlope, 'maintenanceSlope');
  }
  return [...sums.values()];
}

function lineDto(line: ContributionLine) {
  return {
    positionId: line.positionId,
    chain: line.chain,
    term: line.term,
    equity: wadToDecimal(line.equityWad),
    initial: wadToDecimal(line.initialWad),
    maintenance: wadToDecimal(line.maintenanceWad),
  };
}

/** Lines added up by chain, in order of first appearance; the account-level lines are under null. */
export function chainSums(lines: readonly ContributionLine[]) {
  const sums = new Map<string | null, { equity: bigint; initial: bigint; maintenance: bigint }>();
  for (const { chain, equityWad, initialWad, maintenanceWad } of lines) {
    const sum = sums.get(chain);
    if (sum === undefined) {
      sums.set(chain, { equity: equityWad, initial: initialWad, maintenance: maintenanceWad });
      continue;
    }
    if (equityWad !== 0n) sum.equity += equityWad;
    if (initialWad !== 0n) sum.initial += initialWad;
    if (maintenanceWad !== 0n) sum.maintenance += maintenanceWad;
  }
  return [...sums].map(([chain, sum]) => ({
    chain,
    equity: wadToDecimal(sum.equity),
    initial: wadToDecimal(sum.initial),
    maintenance: wadToDecimal(sum.maintenance),
  }));
}

export function bufferDto(buffer: BufferView) {
  return {
    asset: buffer.asset,
    horizonHours: finite(buffer.horizonHours, 'horizonHours'),
    initialFactor: finite(buffer.initialFactor, 'initialFactor'),
    maintenanceFactor: finite(buffer.maintenanceFactor, 'maintenanceFactor'),
    sigmaQuantile: finiteOrNull(buffer.sigmaQuantile, 'sigmaQuantile'),
    sigmaReference: finiteOrNull(buffer.sigmaReference, 'sigmaReference'),
    model: buffer.model,
    policy: buffer.policy,
    maintenanceTarget: finite(buffer.maintenanceTarget, 'maintenanceTarget'),
    effectiveFrom: buffer.effectiveFromMs === null ? null : iso(buffer.effectiveFromMs),
    reasons: buffer.reasons.map(reasonDto),
  };
}
