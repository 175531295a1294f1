import type { Encoding } from './hermes-json.ts';

/** Ends a request with a status and a plain text, as Hermes does. */
export class RequestRefused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface PriceQuery {
  /** With 0x, lower case. */
  readonly ids: readonly string[];
  readonly encoding: Encoding;
  readonly parsed: boolean;
  readonly ignoreInvalid: boolean;
}

function flag(parameters: URLSearchParams, name: string, absent: boolean): boolean {
  const value = parameters.get(name);
  if (value === null) return absent;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new RequestRefused(400, `Failed to deserialize query string: ${name}: expected true or false`);
}

/** Query of `/v2/updates/price/latest` and `/stream`: `ids[]`, `encoding`, `parsed`, `ignore_invalid_price_ids`. */
export function parsePriceQuery(parameters: URLSearchParams): PriceQuery {
  const given = parameters.getAll('ids[]');
  if (given.length === 0)
    throw new RequestRefused(400, 'Failed to deserialize query string: missing field `ids`');
  const ids = given.map((id) => {
    const digits = id.replace(/^0x/i, '').toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(digits)) {
      throw new RequestRefused(
        400,
        `Failed to deserialize query string: invalid price id ${id.slice(0, 80)}`,
      );
    }
    return `0x${digits}`;
  });
  const encoding = parameters.get('encoding') ?? 'hex';
  if (encoding !== 'hex' && encoding !== 'base64') {
    throw new RequestRefused(400, 'Failed to deserialize query string: encoding: expected hex or base64');
  }
  return {
    ids: [...new Set(ids)],
    encoding,
    parsed: flag(parameters, 'parsed', true),
    ignoreInvalid: flag(parameters, 'ignore_invalid_price_ids', false),
  };
}
