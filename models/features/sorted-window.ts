/**
 * The last `capacity` values in order of size. One more value costs two binary searches and one block move (a few
 * microseconds for a year of hours). NaN takes a place in time but not in the order.
 */
export class SortedWindow {
  private readonly ring: Float64Array;
  private readonly sorted: Float64Array;
  private pushed = 0;
  private count = 0;

  constructor(capacity: number) {
    this.ring = new Float64Array(capacity);
    this.sorted = new Float64Array(capacity);
  }

  /** Values in the window, NaN not counted. */
  get size(): number {
    return this.count;
  }

  /** Whether as many values were pushed as the window spans. */
  get full(): boolean {
    return this.pushed >= this.ring.length;
  }

  push(value: number): void {
    const slot = this.pushed % this.ring.length;
    if (this.full) this.remove(this.ring[slot]!);
    this.ring[slot] = value;
    this.pushed += 1;
    if (!Number.isNaN(value)) this.insert(value);
  }

  /** How many values are at or below `x`. */
  countAtOrBelow(x: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.sorted[middle]! <= x) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Quantile with linear interpolation between order statistics (type 7); NaN when empty. */
  quantile(p: number): number {
    if (this.count === 0) return Number.NaN;
    const position = p * (this.count - 1);
    const below = Math.floor(position);
    const lower = this.sorted[below]!;
    const upper = this.sorted[Math.min(below + 1, this.count - 1)]!;
    return lower + (upper - lower) * (position - below);
  }

  private insert(value: number): void {
    const at = this.countAtOrBelow(value);
    this.sorted.copyWithin(at + 1, at, this.count);
    this.sorted[at] = value;
    this.count += 1;
  }

  private remove(value: number): void {
    if (Number.isNaN(value)) return;
    const at = this.countAtOrBelow(value) - 1;
    this.sorted.copyWithin(at, at + 1, this.count);
    this.count -= 1;
  }
}
