import { z } from '@hono/zod-openapi';
import { type Wad, wadToDecimal } from '../../risk/units/wad.ts';
import type { MarginAnswer, MarginDifference } from '../app/ports.ts';
import { DIFFERENCE_STEPS, type MarginChangeFigures, positionChanges } from '../engine/margin-difference.ts';
import { amount, reasonDto, reasonSchema, timestamp } from './common.ts';
import { failureSchema, marginDto, marginFields } from './margin.ts';
import { moduleQuery } from './module-choice.ts';
import { momentInput } from './moment.ts';
import { ofPast } from './past.ts';

export const differenceQuery = z.strictObject({ ...moduleQuery, from: momentInput, to: momentInput });

const changeFields = {
  equity: amount,
  initial: amount.openapi({ description: 'Change of the initial requirement.' }),
  maintenance: amount.openapi({ description: 'Change of the maintenance requirement.' }),
  netInitial: amount,
  netMaintenance: amount,
};

const sideSchema = z
  .object({
    asOf: timestamp,
    sequence: marginFields.sequence,
    status: marginFields.status,
    equity: amount,
    requirement: marginFields.requirement,
    net: marginFields.net,
    moduleId: z.string(),
    moduleVersion: z.string(),
    parametersHash: z.string(),
    modelVersion: z.string().nullable(),
    failures: z.array(failureSchema),
    stale: z.boolean(),
    reasons: z.array(reasonSchema),
  })
  .openapi('MarginThen');

const stepSchema = z
  .object({
    component: z.enum(DIFFERENCE_STEPS).openapi({
      description: 'What was moved to the later moment; `forecast` with the buffer schedule and the time.',
    }),
    ...changeFields,
    failures: z.array(failureSchema).openapi({
      description: 'What could not be valued once this was moved; its part is in another component.',
    }),
  })
  .openapi('MarginChangeStep');

export const marginDifferenceSchema = z
  .object({
    accountId: z.string(),
    from: sideSchema,
    to: sideSchema,
    change: z
      .object(changeFields)
      .openapi({ description: '`to` minus `from`; the sums of `steps` and of `positions`, exactly.' }),
    steps: z.array(stepSchema).openapi({ description: 'In the order of the substitution.' }),
    positions: z
      .array(z.object({ positionId: z.string().nullable(), ...changeFields }).openapi('PositionChange'))
      .openapi({
        description: 'The same change by position; opened and closed ones included, null for the account.',
      }),
  })
  .openapi('MarginDifference');

function changeDto({ equityWad, initialWad, maintenanceWad }: MarginChangeFigures) {
  const text = (value: Wad) => wadToDecimal(value);
  return {
    equity: text(equityWad),
    initial: text(initialWad),
    maintenance: text(maintenanceWad),
    netInitial: text(equityWad - initialWad),
    netMaintenance: text(equityWad - maintenanceWad),
  };
}

function sideDto(answer: MarginAnswer, priceValidForMs: number): z.infer<typeof sideSchema> {
  const { asOfMs } = answer;
  const margin = ofPast(marginDto(answer, asOfMs, priceValidForMs), asOfMs);
  const { asOf, sequence, status, equity, requirement, net, failures, stale, reasons } = margin;
  const { moduleId, moduleVersion, parametersHash, modelVersion } = margin;
  const model = { moduleId, moduleVersion, parametersHash, modelVersion };
  return { asOf, sequence, status, equity, requirement, net, ...model, failures, stale, reasons };
}

export function marginDifferenceDto(
  accountId: string,
  { from, to, steps }: MarginDifference,
  priceValidForMs: number,
): z.infer<typeof marginDifferenceSchema> {
  return {
    accountId,
    from: sideDto(from, priceValidForMs),
    to: sideDto(to, priceValidForMs),
    change: changeDto({
      equityWad: to.result.equityWad - from.result.equityWad,
      initialWad: to.result.initialRequirementWad - from.result.initialRequirementWad,
      maintenanceWad: to.result.maintenanceRequirementWad - from.result.maintenanceRequirementWad,
    }),
    steps: steps.map(({ step, failures, ...change }) => ({
      component: step,
      ...changeDto(change),
      failures: failures.map(({ positionId, reason }) => ({ positionId, reason: reasonDto(reason) })),
    })),
    positions: positionChanges(from.result, to.result).map(({ positionId, ...change }) => ({
      positionId,
      ...changeDto(change),
    })),
  };
}
