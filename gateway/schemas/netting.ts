import { z } from '@hono/zod-openapi';
import type { BookFigures, Pair } from '../../risk/netting/relief.ts';
import { wadToDecimal } from '../../risk/units/wad.ts';
import type { NettingAnswer } from '../consents/netting-answer.ts';
import { amount, iso, orNull, reasonDto, reasonSchema, timestamp } from './common.ts';
import { positionDto, positionSchema } from './stored-position.ts';

const pair = z.object({ initial: amount, maintenance: amount });
const bookSchema = z.object({ equity: amount, requirement: pair });

const figuresSchema = z
  .object({
    own: bookSchema,
    other: bookSchema,
    combined: pair.openapi({ description: 'Requirement of both books as one.' }),
    positions: orNull(
      z.array(positionSchema),
      'Of the other side, where the consent lets this side see them; null otherwise.',
    ),
  })
  .openapi('NettingFigures');

export const nettingSchema = z
  .object({
    consent: z.string(),
    protocol: z.string().openapi({ description: 'The other side.' }),
    accountId: z.string(),
    validUntil: timestamp.openapi({ description: 'Of the consent.' }),
    moduleId: z.string(),
    moduleVersion: z.string(),
    relief: pair.openapi({
      description: 'Taken off the requirement by the line `consent-netting`; zero while it is suspended.',
    }),
    suspended: orNull(reasonSchema, 'Why both sides are margined alone for now; null: they are netted.'),
    figures: orNull(
      figuresSchema,
      'By the module and parameters of the consent, each book alone and both as one; null while it is suspended.',
    ),
  })
  .openapi('Netting', { description: 'Of an account with a consent in force; left out for all others.' });

const pairDto = ({ initialWad, maintenanceWad }: Pair) => ({
  initial: wadToDecimal(initialWad),
  maintenance: wadToDecimal(maintenanceWad),
});
const bookDto = (book: BookFigures) => ({ equity: wadToDecimal(book.equityWad), requirement: pairDto(book) });

export function nettingDto(netting: NettingAnswer): z.infer<typeof nettingSchema> {
  const { filed, protocol, account, relief, suspended, figures } = netting;
  const { id, document, validUntilMs } = filed.consent;
  return {
    consent: id,
    protocol,
    accountId: account,
    validUntil: iso(validUntilMs),
    moduleId: document.moduleId,
    moduleVersion: document.moduleVersion,
    relief: pairDto(relief),
    suspended: suspended === null ? null : reasonDto(suspended),
    figures:
      figures === null
        ? null
        : {
            own: bookDto(figures.own),
            other: bookDto(figures.other),
            combined: pairDto(figures.combined),
            positions: figures.positions === null ? null : figures.positions.map(positionDto),
          },
  };
}
