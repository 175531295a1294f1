import { z } from '@hono/zod-openapi';
import type { Reason } from '../../risk/market/verdict.ts';
import { NotFiniteError } from '../../risk/units/settle.ts';
import { withoutAddresses } from './redact.ts';

const AMOUNT_HINT = 'at most 30 integer digits and 18 decimals, no exponent';
const notText = (what: string) => (issue: { input?: unknown }) =>
  issue.input === undefined ? 'is required' : `must be ${what}, in quotes`;

export const AMOUNT = /^-?\d{1,30}(\.\d{1,18})?$/;
export const NON_ZERO_AMOUNT = /^(?!-?0+(\.0+)?$)-?\d{1,30}(\.\d{1,18})?$/;
export const POSITIVE_AMOUNT = /^(?!0+(\.0+)?$)\d{1,30}(\.\d{1,18})?$/;

/** Decimal string as it comes in: exact, never a JSON number. */
export const amountInput = z
  .string({ error: notText('a decimal string such as "1.5"') })
  .regex(AMOUNT, `must be a plain decimal string: ${AMOUNT_HINT}`)
  .openapi({ example: '1.5', description: `Decimal string, ${AMOUNT_HINT}.` });

export const nonZeroAmountInput = z
  .string({ error: notText('a decimal string such as "-1.5"') })
  .regex(NON_ZERO_AMOUNT, `must be a plain decimal string that is not zero: ${AMOUNT_HINT}`)
  .openapi({ example: '-1.5', description: `Decimal string that is not zero, ${AMOUNT_HINT}.` });

export const positiveAmountInput = z
  .string({ error: notText('a decimal string such as "60000"') })
  .regex(POSITIVE_AMOUNT, `must be a plain decimal string greater than zero: ${AMOUNT_HINT}`)
  .openapi({ example: '60000', description: `Decimal string greater than zero, ${AMOUNT_HINT}.` });

/** Decimal string as it goes out, exact. */
export const amount = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .openapi({ example: '1.5', description: 'Exact decimal string.' });

export const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
export const identifier = z
  .string()
  .regex(IDENTIFIER, 'must be 1 to 128 of A-Z a-z 0-9 . _ : - and start with a letter or digit');

/** A list of names in a query, comma-separated: it fits a request line however it is encoded. */
export const namesInput = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII');

export const FEED_ID = /^[A-Z0-9]{1,16}-[A-Z0-9]{1,16}$/;
export const feedIdInput = z
  .string()
  .regex(FEED_ID, 'must look like BTC-USD')
  .openapi({ example: 'BTC-USD' });

export const assetInput = z
  .string()
  .regex(/^[A-Za-z0-9]{1,16}$/, 'must be 1 to 16 letters or digits')
  .openapi({ example: 'BTC' });

export const timestamp = z.iso
  .datetime({ precision: 3 })
  .openapi({ example: '2026-03-14T15:09:26.535Z', description: 'ISO 8601, UTC.' });

/** Date.parse takes the 30th of February for the 2nd of March. */
function isDay(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === text.slice(0, 10);
}

/** Settlement of an option: ISO 8601 with a `Z`, on the hour that all options share. */
export const expiryInput = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}T08:00(:00(\.0{1,3})?)?Z$/,
    'must be a day at 08:00 UTC, such as 2026-03-27T08:00:00Z',
  )
  .refine(isDay, 'is not a day of the calendar')
  .openapi({ example: '2026-03-27T08:00:00Z', description: 'ISO 8601; options expire at 08:00 UTC.' });

export const strikeInput = z
  .string({ error: notText('a decimal string such as "60000"') })
  .regex(
    /^(?!0+(\.0+)?$)\d{1,18}(\.\d{1,8})?$/,
    'must be a plain decimal string greater than zero: at most 18 integer digits and 8 decimals, no exponent',
  )
  .openapi({ example: '60000', description: 'Quote per base unit.' });

/** A named schema or null. (`.nullable()` on a named schema is written into the document wrongly.) */
export function orNull<T extends z.ZodType>(schema: T, description: string) {
  return z.union([schema, z.null()]).openapi({ description });
}

export const reasonSchema = z
  .object({
    code: z.string().openapi({ description: 'Stable slug.', example: 'stale-source' }),
    message: z.string(),
    subject: z.string().optional().openapi({ description: 'Source, feed or position it is about.' }),
  })
  .openapi('Reason');

/** A reason as it goes out: plain fields, no addresses. */
export function reasonDto(reason: Reason): z.infer<typeof reasonSchema> {
  return {
    code: reason.code,
    message: withoutAddresses(reason.message),
    ...(reason.subject === undefined ? {} : { subject: reason.subject }),
  };
}

export const HORIZON_NAMES = ['1h', '4h', '24h'] as const;
export type HorizonName = (typeof HORIZON_NAMES)[number];

/** '4h' -> 4. */
export function horizonHours(name: HorizonName): 1 | 4 | 24 {
  return name === '1h' ? 1 : name === '4h' ? 4 : 24;
}

const ISO_KEPT = 64;
const isoMs = new Float64Array(ISO_KEPT).fill(Number.NaN);
const isoTexts: string[] = new Array(ISO_KEPT).fill('');

/** Unix milliseconds to ISO 8601. Answers of one moment name the same few times: the last ones are kept. */
export function iso(unixMs: number): string {
  const slot = Math.abs(unixMs) % ISO_KEPT;
  if (isoMs[slot] === unixMs) return isoTexts[slot]!;
  const text = new Date(unixMs).toISOString();
  if (Number.isInteger(slot)) {
    isoMs[slot] = unixMs;
    isoTexts[slot] = text;
  }
  return text;
}

/** A double that may be printed as a JSON number. JSON would silently turn NaN into null. @throws NotFiniteError */
export function finite(value: number, what: string): number {
  if (!Number.isFinite(value)) throw new NotFiniteError(what, value);
  return value;
}

export function finiteOrNull(value: number | null, what: string): number | null {
  return value === null ? null : finite(value, what);
}
