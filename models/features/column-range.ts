/** Least and greatest value of every column of the rows added. */
export class ColumnRange {
  private readonly least: Float64Array;
  private readonly greatest: Float64Array;

  constructor(width: number) {
    this.least = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
    this.greatest = new Float64Array(width).fill(Number.NEGATIVE_INFINITY);
  }

  add(row: Float64Array): void {
    for (let k = 0; k < row.length; k++) {
      this.least[k] = Math.min(this.least[k]!, row[k]!);
      this.greatest[k] = Math.max(this.greatest[k]!, row[k]!);
    }
  }

  /** Whether any value of the row lies outside its column's range. */
  excludes(row: Float64Array): boolean {
    return row.some((value, k) => value < this.least[k]! || value > this.greatest[k]!);
  }

  copy(): ColumnRange {
    const range = new ColumnRange(this.least.length);
    range.least.set(this.least);
    range.greatest.set(this.greatest);
    return range;
  }
}
