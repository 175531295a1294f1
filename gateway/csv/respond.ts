import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { GatewayEnv } from '../app/context.ts';
import { type Cell, csvLine } from './csv.ts';

/** Query of a resource that can be had as a table. */
export const formatQuery = {
  format: z.enum(['json', 'csv']).optional().openapi({
    description: 'Over the `Accept` header. `csv` gives all rows, as far as `limit` when it is given.',
  }),
};

/** Content of a 200 in the document, beside the JSON. */
export const csvContent = {
  'text/csv': { schema: z.string().openapi({ description: 'RFC 4180, with a header.' }) },
};

/** Whether a table is asked for: by `format`, else by an `Accept` that names text/csv and no JSON before it. */
export function wantsCsv(accept: string | undefined, format: string | undefined): boolean {
  if (format !== undefined) return format === 'csv';
  const first = (accept ?? '').split(',').map((one) => one.split(';')[0]!.trim().toLowerCase());
  return first.find((type) => type === 'text/csv' || type === 'application/json') === 'text/csv';
}

export interface Table {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly columns: readonly string[];
  /** Rows, read as fast as the caller reads and no faster. */
  readonly rows: AsyncIterable<readonly Cell[]> | Iterable<readonly Cell[]>;
}

/** Rows that are gathered before they are sent. */
const PER_CHUNK = 200;
/** Rows that are read at once. */
const ROWS_PER_READ = 500;

/**
 * A table as it is read. When a row cannot be had, or the caller is let in no more, the connection breaks off without its last
 * chunk: a client sees that it does not have everything, and never takes a part for the whole.
 */
export function csvResponse(c: Context<GatewayEnv>, { name, columns, rows }: Table) {
  const encoder = new TextEncoder();
  const stillAllowed = c.get('stillAllowed');
  async function* lines() {
    yield csvLine(columns);
    for await (const row of rows) yield csvLine(row);
  }
  const source = lines();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      if (!stillAllowed()) throw new Error('the key of this export is not valid any more');
      let text = '';
      for (let row = 0; row < PER_CHUNK; row += 1) {
        const next = await source.next();
        if (next.done === true) {
          if (text !== '') controller.enqueue(encoder.encode(text));
          controller.close();
          return;
        }
        text += next.value;
      }
      controller.enqueue(encoder.encode(text));
    },
    async cancel() {
      await source.return(undefined);
    },
  });
  return c.body(body, 200, {
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': `attachment; filename="${name}.csv"`,
    Vary: 'Accept',
  });
}

/** Every row of a list that is read page by page, after `first`, or as many of them as `limit` says. */
export async function* allRows<Place, Row extends Place>(
  page: (after: Place | null, limit: number) => Promise<readonly Row[]>,
  first: Place | null,
  limit: number | null,
): AsyncGenerator<Row, void> {
  let left = limit ?? Number.POSITIVE_INFINITY;
  let after = first;
  while (left > 0) {
    const wanted = Math.min(ROWS_PER_READ, left);
    const found = await page(after, wanted);
    yield* found;
    left -= found.length;
    if (found.length < wanted) return;
    after = found.at(-1)!;
  }
}

/** The same with every row as cells. */
export async function* cellsOf<Row>(
  rows: AsyncIterable<Row>,
  cells: (row: Row) => readonly Cell[],
): AsyncGenerator<readonly Cell[], void> {
  for await (const row of rows) yield cells(row);
}
