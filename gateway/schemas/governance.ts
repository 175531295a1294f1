import { z } from '@hono/zod-openapi';
import { wadToDecimal } from '../../risk/units/wad.ts';
import { lendingTerms } from '../governance/lending-overrides.ts';
import type { MarketView, ParametersView } from '../governance/port.ts';
import { amount, finite, iso, orNull, reasonDto, reasonSchema, timestamp } from './common.ts';

export const marketId = z
  .string()
  .regex(/^[A-Z0-9]{1,16}-[A-Z0-9]{1,16}$/, 'must look like BTC-PERP')
  .openapi({ example: 'BTC-PERP' });

const jsonObject = z.record(z.string(), z.unknown());

const configurationFields = {
  moduleId: z.string(),
  moduleVersion: z.string(),
  parametersHash: z.string(),
};
const acceptedSchema = z
  .object({
    version: z.int(),
    ...configurationFields,
    parameters: jsonObject.openapi({ description: 'As proposed, over the defaults of the module.' }),
    effectiveFrom: timestamp,
    proposal: z.string(),
  })
  .openapi('AcceptedConfiguration');

const freezeSchema = z
  .object({ reason: z.string(), frozenBy: z.string(), frozenAt: timestamp })
  .openapi('MarketFreeze');

const marketFields = {
  market: z.string(),
  kind: z.string(),
  asset: z.string(),
  feed: z.string(),
  ...configurationFields,
  configurationVersion: z.int().openapi({ description: '0 = that of the deployment.' }),
  effectiveFrom: timestamp
    .nullable()
    .openapi({ description: 'null = that of the deployment, since its start.' }),
  next: z
    .union([acceptedSchema, z.null()])
    .openapi({ description: 'Accepted and announced, in force from its `effectiveFrom` on.' }),
  frozen: z.union([freezeSchema, z.null()]),
};
const marketSchema = z.object(marketFields).openapi('ProtocolMarket');

export const marketListSchema = z
  .object({ protocol: z.string(), asOf: timestamp, markets: z.array(marketSchema) })
  .openapi('ProtocolMarkets');

const lendingSchema = z
  .object({
    loanToValue: amount.nullable().openapi({
      description:
        'Most that may be borrowed, share of the value: 1 - initial rate. null while there is no rate.',
    }),
    liquidationThreshold: amount.nullable().openapi({
      description: 'Liquidation from this debt on, share of the value: 1 - maintenance rate.',
    }),
    liquidationBonus: amount.openapi({
      description: 'What a liquidator is given on top, share of the value.',
    }),
    supplyCap: amount.nullable().openapi({ description: 'In units of the asset; null = no cap.' }),
    borrowCap: amount.nullable(),
  })
  .openapi('LendingTerms');

const inForceFields = {
  rates: z
    .union([
      z.object({
        price: amount,
        initial: amount.openapi({ description: 'Initial requirement of one unit, share of its value.' }),
        maintenance: amount,
        loanToValue: amount.nullable().openapi({ description: 'Collateral: 1 - initial.' }),
        liquidationThreshold: amount.nullable().openapi({ description: 'Collateral: 1 - maintenance.' }),
      }),
      z.null(),
    ])
    .openapi({
      description: 'In force now, buffer included; null for a past time and without a usable price.',
    }),
  lending: orNull(lendingSchema, 'Where the asset is lent; null where it is not.'),
  buffer: z
    .union([
      z.object({
        policy: z.string(),
        initialFactor: z.number(),
        maintenanceFactor: z.number(),
        maintenanceTarget: z.number(),
        effectiveFrom: timestamp.nullable(),
        model: z.string(),
        reasons: z.array(reasonSchema),
      }),
      z.null(),
    ])
    .openapi({ description: 'Predictive buffer of the asset; null where the module does not buffer it.' }),
};

export const parametersSchema = z
  .object({
    ...marketFields,
    asOf: timestamp,
    parameters: jsonObject.openapi({ description: 'Every parameter of the module with its default.' }),
    ...inForceFields,
  })
  .openapi('MarketParameters');

export const parametersListSchema = z
  .object({
    protocol: z.string(),
    asOf: timestamp,
    ...configurationFields,
    configurationVersion: marketFields.configurationVersion,
    effectiveFrom: marketFields.effectiveFrom,
    next: marketFields.next,
    parameters: jsonObject.openapi({
      description: 'Every parameter of the module with its default; the same for all markets.',
    }),
    markets: z.array(
      z
        .object({
          market: z.string(),
          kind: z.string(),
          asset: z.string(),
          feed: z.string(),
          frozen: marketFields.frozen,
          ...inForceFields,
        })
        .openapi('MarketRates'),
    ),
  })
  .openapi('ProtocolParameters');

export const freezeBody = z.strictObject({ reason: z.string().min(3).max(500) }).openapi('FreezeMarket');
export const freezeResultSchema = z
  .object({ market: z.string(), frozen: z.union([freezeSchema, z.null()]) })
  .openapi('FreezeResult');

function marketDto({ market, model, configuration, next, freeze }: MarketView): z.infer<typeof marketSchema> {
  return {
    market: market.id,
    kind: market.kind,
    asset: market.asset,
    feed: market.feedId,
    moduleId: model.module.id,
    moduleVersion: model.module.version,
    parametersHash: model.parametersHash,
    configurationVersion: configuration?.version ?? 0,
    effectiveFrom: configuration === null ? null : iso(configuration.effectiveFromMs),
    next:
      next === null
        ? null
        : {
            version: next.version,
            moduleId: next.moduleId,
            moduleVersion: next.moduleVersion,
            parametersHash: next.parametersHash,
            parameters: { ...next.parameters },
            effectiveFrom: iso(next.effectiveFromMs),
            proposal: next.proposal,
          },
    frozen: freeze === null ? null : freezeDto(freeze),
  };
}

export function freezeDto(freeze: NonNullable<MarketView['freeze']>): z.infer<typeof freezeSchema> {
  return { reason: freeze.reason, frozenBy: freeze.frozenBy, frozenAt: iso(freeze.frozenAtMs) };
}

/** `asOfMs` market time. */
export function marketListDto(
  protocol: string,
  asOfMs: number,
  markets: readonly MarketView[],
): z.infer<typeof marketListSchema> {
  return { protocol, asOf: iso(asOfMs), markets: markets.map(marketDto) };
}

const ONE = 10n ** 18n;

/** Of every market of a protocol (at least one) now: `asOfMs` market time. */
export function parametersListDto(
  protocol: string,
  views: readonly [ParametersView, ...ParametersView[]],
  asOfMs: number,
): z.infer<typeof parametersListSchema> {
  const [first, ...rest] = views.map((view) => parametersDto(view, asOfMs));
  const { asOf, moduleId, moduleVersion, parametersHash, configurationVersion, effectiveFrom } = first!;
  const { next, parameters } = first!;
  return {
    ...{ protocol, asOf, moduleId, moduleVersion, parametersHash, configurationVersion, effectiveFrom },
    ...{ next, parameters },
    markets: [first!, ...rest].map(({ market, kind, asset, feed, frozen, rates, lending, buffer }) => ({
      ...{ market, kind, asset, feed, frozen, rates, lending, buffer },
    })),
  };
}

export function parametersDto(view: ParametersView, asOfMs: number): z.infer<typeof parametersSchema> {
  const { market, model, rates } = view;
  const isCollateral = market.kind === 'collateral';
  const credit = (requirement: bigint) => (isCollateral ? wadToDecimal(ONE - requirement) : null);
  const buffer = rates?.buffers.find(({ asset }) => asset === market.asset);
  const terms = lendingTerms(market, model.lending ?? null);
  return {
    ...marketDto(view),
    asOf: iso(asOfMs),
    parameters: model.parameters as Record<string, unknown>,
    rates: rates && {
      price: wadToDecimal(rates.priceWad),
      initial: wadToDecimal(rates.initialWad),
      maintenance: wadToDecimal(rates.maintenanceWad),
      loanToValue: credit(rates.initialWad),
      liquidationThreshold: credit(rates.maintenanceWad),
    },
    lending:
      terms === null
        ? null
        : {
            loanToValue: rates && credit(rates.initialWad),
            liquidationThreshold: rates && credit(rates.maintenanceWad),
            ...terms,
          },
    buffer:
      buffer === undefined
        ? null
        : {
            policy: buffer.policy,
            initialFactor: finite(buffer.initialFactor, 'initialFactor'),
            maintenanceFactor: finite(buffer.maintenanceFactor, 'maintenanceFactor'),
            maintenanceTarget: finite(buffer.maintenanceTarget, 'maintenanceTarget'),
            effectiveFrom: buffer.effectiveFromMs === null ? null : iso(buffer.effectiveFromMs),
            model: buffer.model,
            reasons: buffer.reasons.map(reasonDto),
          },
  };
}
