import { Column, grown } from './column.ts';

/**
 * A growing column of finite numbers with prefix sums: any trailing sum costs two reads, one more value costs one
 * addition. Batch and streaming are the same additions in the same order, so they agree to the bit.
 */
export class SummedColumn extends Column {
  /** `prefix[i]` = sum of the first i values. */
  private prefix = new Float64Array(1025);

  override push(value: number): void {
    if (this.count + 1 === this.prefix.length) this.prefix = grown(this.prefix, this.count * 2 + 1);
    this.prefix[this.count + 1] = this.prefix[this.count]! + value;
    super.push(value);
  }

  /** Sum of the last `n` values up to and including `index`; NaN while there are fewer. */
  trail(index: number, n: number): number {
    if (index + 1 < n || index >= this.count) return Number.NaN;
    if (n === 1) return this.values[index]!;
    return this.prefix[index + 1]! - this.prefix[index + 1 - n]!;
  }

  /** As `trail`, over what there is when there are fewer than `n`; 0 before the first value. */
  trailUpTo(index: number, n: number): number {
    return index < 0 ? 0 : this.trail(index, Math.min(n, index + 1));
  }
}
