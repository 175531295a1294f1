import { grown } from './column.ts';

/** Feature rows of one model, row-major, growing; row i holds `width` numbers known at decision time i. */
export class RowStore {
  readonly width: number;
  private data: Float64Array<ArrayBuffer>;
  private rows = 0;

  constructor(width: number) {
    this.width = width;
    this.data = new Float64Array(width * 1024);
  }

  get length(): number {
    return this.rows;
  }

  /** Appends a row of NaN and returns a view of it to be written at once (a later append may move the storage). */
  append(): Float64Array {
    const end = (this.rows + 1) * this.width;
    if (end > this.data.length) this.data = grown(this.data, this.data.length * 2);
    this.rows += 1;
    return this.data.subarray(end - this.width, end).fill(Number.NaN);
  }

  /** A view of row i. */
  row(i: number): Float64Array {
    return this.data.subarray(i * this.width, (i + 1) * this.width);
  }

  /** Storage and offset, for loops that must not allocate. */
  get raw(): Float64Array {
    return this.data;
  }
}

/** Whether every number of a row is finite. */
export function isComplete(row: Float64Array): boolean {
  for (let k = 0; k < row.length; k++) if (!Number.isFinite(row[k]!)) return false;
  return true;
}
