/** Least and greatest value and deviation of every column of the rows added. */
export class ColumnRange {
  private rows = 0;
  private readonly least: Float64Array;
  private readonly greatest: Float64Array;
  private readonly mean: Float64Array;
  /** Sum of squared deviations (Welford). */
  private readonly squares: Float64Array;

  constructor(width: number) {
    this.least = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
    this.greatest = new Float64Array(width).fill(Number.NEGATIVE_INFINITY);
    this.mean = new Float64Array(width);
    this.squares = new Float64Array(width);
  }

  add(row: Float64Array): void {
    this.rows += 1;
    for (let k = 0; k < row.length; k++) {
      const value = row[k]!;
      const difference = value - this.mean[k]!;
      this.least[k] = Math.min(this.least[k]!, value);
      this.greatest[k] = Math.max(this.greatest[k]!, value);
      this.mean[k] = this.mean[k]! + difference / this.rows;
      this.squares[k] = this.squares[k]! + difference * (value - this.mean[k]!);
    }
  }

  /**
   * Whether any value lies more than one deviation of its column beyond all values added. A mere record is not
   * strange: monthly means stay at theirs for weeks. A column that never moved has no weight in any fit and is not
   * looked at, nor are those of `without`, which have none in this one.
   */
  excludes(row: Float64Array, without: readonly number[] = []): boolean {
    return row.some((value, k) => {
      if (this.squares[k] === 0 || without.includes(k)) return false;
      const margin = Math.sqrt(this.squares[k]! / Math.max(1, this.rows));
      return value < this.least[k]! - margin || value > this.greatest[k]! + margin;
    });
  }

  copy(): ColumnRange {
    const range = new ColumnRange(this.least.length);
    range.rows = this.rows;
    range.least.set(this.least);
    range.greatest.set(this.greatest);
    range.mean.set(this.mean);
    range.squares.set(this.squares);
    return range;
  }
}
