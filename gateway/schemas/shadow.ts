import { z } from '@hono/zod-openapi';
import { wadFromDecimal, wadToDecimal } from '../../risk/units/wad.ts';
import type { PinnedModel } from '../governance/pinned-model.ts';
import { SHADOW_SHOWS, type ShadowView } from '../governance/port.ts';
import { changeOf } from '../governance/shadow.ts';
import { amount, identifier } from './common.ts';
import { nextCursorField, pageOf, pageQuery, readCursor, writeCursor } from './page.ts';
import { accountImpactDto, accountImpactFields, impactDto, impactSchema } from './proposal.ts';

export const shadowBody = z
  .strictObject({
    parameters: z
      .record(z.string(), z.unknown())
      .default({})
      .openapi({
        description:
          'Merge patch (RFC 7396) over the parameters in force where the module is the one in force, else over its defaults.',
        example: { perp: { initial: 0.08 } },
      }),
  })
  .openapi('ShadowRun');

export const shadowQuery = z.strictObject({
  ...pageQuery,
  show: z.enum(SHADOW_SHOWS).optional().openapi({
    description:
      'Accounts wanted: `changed` those whose status changes, `called` and `liquidated` those that newly would be. Default: all.',
  }),
});

const modelSchema = z
  .object({ moduleId: z.string(), moduleVersion: z.string(), parametersHash: z.string() })
  .openapi('ModelIdentity');

export const shadowSchema = z
  .object({
    before: modelSchema.openapi({ description: 'In force.' }),
    after: modelSchema.openapi({ description: 'What was asked for.' }),
    summary: impactSchema,
    accounts: z.array(
      z
        .object({ ...accountImpactFields, initialChange: amount, maintenanceChange: amount })
        .openapi('ShadowAccount'),
    ),
    nextCursor: nextCursorField,
  })
  .openapi('ShadowResult');

const place = z.tuple([z.string().regex(/^\d{1,60}(\.\d{1,18})?$/), identifier]);

/** Place of a cursor; null for the first page. @throws InvalidRequestError when it is none of ours */
export function shadowPlace(cursor: string | undefined) {
  const found = readCursor(cursor, 'shadow', place);
  return found === null ? null : { changeWad: wadFromDecimal(found[0]), account: found[1] };
}

const modelDto = ({ module, parametersHash }: PinnedModel) => ({
  moduleId: module.id,
  moduleVersion: module.version,
  parametersHash,
});

/** A page of the view, which was asked for one account more than the page has. */
export function shadowDto(view: ShadowView, limit: number): z.infer<typeof shadowSchema> {
  const { page, nextCursor } = pageOf(view.accounts, limit, (last) =>
    writeCursor('shadow', [wadToDecimal(changeOf(last)), last.account]),
  );
  return {
    before: modelDto(view.before),
    after: modelDto(view.after),
    summary: impactDto(view.summary),
    accounts: page.map((row) => ({
      ...accountImpactDto(row),
      initialChange: wadToDecimal(row.initialAfterWad - row.initialBeforeWad),
      maintenanceChange: wadToDecimal(row.maintenanceAfterWad - row.maintenanceBeforeWad),
    })),
    nextCursor,
  };
}
