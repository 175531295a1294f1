import { z } from 'zod';
import { InvalidInputError } from '../../risk/errors.ts';
import type { LendingTerms, MarketDefinition } from '../../risk/modules/module.ts';

const cap = z
  .string()
  .regex(
    /^(?:none|(?!0+(?:\.0+)?$)\d{1,30}(?:\.\d{1,18})?)$/,
    'must be a decimal string greater than zero, such as "10000", or "none"',
  )
  .optional();

const overridesSchema = z.record(
  z.string(),
  z.strictObject({
    liquidationBonus: z
      .string()
      .regex(/^0(\.\d{1,18})?$/, 'must be a share below 1 such as "0.05"')
      .optional(),
    supplyCap: cap,
    borrowCap: cap,
  }),
);

/** Lending terms by market that a protocol set over those of the deployment; caps of `none` lift one. */
export type LendingOverrides = z.infer<typeof overridesSchema>;

type Json = Readonly<Record<string, unknown>>;

/** Under this name the terms stand beside the module's own parameters, none of which has it. */
const KEY = 'lending';

/** Parameters as they are proposed and stored, taken apart. @throws InvalidInputError naming the term. */
export function splitLending(given: unknown): {
  readonly parameters: unknown;
  /** null: none is set, and the hash is that of the module's parameters alone. */
  readonly lending: LendingOverrides | null;
} {
  if (typeof given !== 'object' || given === null || !Object.hasOwn(given, KEY))
    return { parameters: given, lending: null };
  const { [KEY]: found, ...parameters } = given as Json;
  const parsed = overridesSchema.safeParse(found);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new InvalidInputError(['parameters', KEY, ...path].join('.'), message);
  }
  const set = Object.entries(parsed.data).filter(([, terms]) => Object.keys(terms).length > 0);
  return { parameters, lending: set.length === 0 ? null : Object.fromEntries(set) };
}

/** The part of stored parameters that stays when the module becomes another. */
export function lendingOf(given: Json): Json {
  return Object.hasOwn(given, KEY) ? { [KEY]: given[KEY] } : {};
}

/** Terms in force of a market; null where it is not lent. */
export function lendingTerms(
  market: MarketDefinition,
  overrides: LendingOverrides | null,
): LendingTerms | null {
  if (!market.lending) return null;
  const own = overrides !== null && Object.hasOwn(overrides, market.id) ? overrides[market.id] : undefined;
  const capOf = (set: string | undefined, given: string | null) =>
    set === undefined ? given : set === 'none' ? null : set;
  return {
    liquidationBonus: own?.liquidationBonus ?? market.lending.liquidationBonus,
    supplyCap: capOf(own?.supplyCap, market.lending.supplyCap),
    borrowCap: capOf(own?.borrowCap, market.lending.borrowCap),
  };
}

/** @throws InvalidInputError for terms of a market that is not lent. */
export function requireLent(
  overrides: LendingOverrides | null,
  markets: ReadonlyMap<string, MarketDefinition>,
): void {
  for (const id of Object.keys(overrides ?? {})) {
    if (markets.get(id)?.lending) continue;
    throw new InvalidInputError(`parameters.${KEY}.${id}`, 'is not a market that is lent');
  }
}

/** Parameters with the lending terms of every lent market, as bounds see them; a lifted cap is `none`. */
export function boundedParameters(
  {
    parameters,
    lending = null,
  }: { readonly parameters: unknown; readonly lending?: LendingOverrides | null },
  markets: ReadonlyMap<string, MarketDefinition>,
): Json {
  const terms = [...markets.values()].flatMap((market) => {
    const found = lendingTerms(market, lending);
    if (found === null) return [];
    const { supplyCap, borrowCap, liquidationBonus } = found;
    return [
      [market.id, { liquidationBonus, supplyCap: supplyCap ?? 'none', borrowCap: borrowCap ?? 'none' }],
    ];
  });
  return terms.length === 0
    ? (parameters as Json)
    : { ...(parameters as Json), [KEY]: Object.fromEntries(terms) };
}
