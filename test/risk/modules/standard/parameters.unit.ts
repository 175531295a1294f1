import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../../risk/errors.ts';
import { findModule, listModules, ModuleNotFoundError } from '../../../../risk/modules/registry.ts';
import { standardModule } from '../../../../risk/modules/standard/module.ts';

function fieldsOf(input: unknown): string[] {
  try {
    standardModule.parseParameters(input);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
    return (error as InvalidInputError).issues.map((issue) => issue.field);
  }
  return [];
}

describe('standard parameters', () => {
  it('has the documented defaults', () => {
    const p = standardModule.defaultParameters;
    expect(p.perp).toEqual({ initial: 0.065, maintenance: 0.05 });
    expect(p.oracleContingency).toEqual({ threshold: 0.4, factor: 0.4 });
    expect(p.buffer).toMatchObject({ policy: 'buffer25', quantile: 0.95, cap: 3, horizonHours: 24 });
  });

  it.each([
    [{ perp: { initial: Number.NaN } }, ['perp.initial']],
    [{ perp: { initial: '0.1' } }, ['perp.initial']],
    [{ surprise: 1 }, ['surprise']],
    [{ perp: { maintenance: 0.2 } }, ['perp.initial', 'assets.USDC.perp.initial']],
    [{ buffer: { cap: 0.5 } }, ['buffer.cap']],
    [{ assets: { BTC: { perp: { initial: 2 } } } }, ['assets.BTC.perp.initial']],
    [{ assets: { BTC: { perp: { initial: 0.01 } } } }, ['assets.BTC.perp.initial']],
    [{ liquidationCostRate: 0.06, assets: {} }, ['liquidationCostRate']],
    [null, ['input']],
  ])('refuses %j naming %j', (input, fields) => {
    expect(fieldsOf(input)).toEqual(expect.arrayContaining(fields));
  });

  it('keeps the default table for assets that are not named', () => {
    const p = standardModule.parseParameters({ assets: { BTC: { perp: { initial: 0.2 } } } });
    expect(p.assets.USDC).toEqual(standardModule.defaultParameters.assets.USDC);
    expect(p.assets.BTC).toEqual({ perp: { initial: 0.2 } });
  });

  it('publishes a JSON schema with defaults and units', () => {
    const schema = standardModule.parametersJsonSchema as {
      additionalProperties: boolean;
      properties: { perp: { properties: { initial: { default: number; description: string } } } };
    };
    expect(schema.additionalProperties).toBe(false);
    expect(schema.properties.perp.properties.initial.default).toBe(0.065);
    expect(schema.properties.perp.properties.initial.description).toContain('fraction');
  });

  it('is found by id and version, and nothing else is', () => {
    expect(findModule('standard', '1.0.0').title).toBe(standardModule.title);
    expect(listModules().map((module) => `${module.id}@${module.version}`)).toContain('standard@1.0.0');
    expect(() => findModule('standard', '9.9.9')).toThrow(ModuleNotFoundError);
  });
});
