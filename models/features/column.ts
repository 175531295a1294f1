/** A copy of `array` with room for `capacity` values. */
export function grown(array: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(capacity);
  larger.set(array);
  return larger;
}

/** A growing column of numbers; NaN marks what is not known. */
export class Column {
  protected values: Float64Array<ArrayBuffer> = new Float64Array(1024);
  protected count = 0;

  get length(): number {
    return this.count;
  }

  push(value: number): void {
    if (this.count === this.values.length) this.values = grown(this.values, this.count * 2);
    this.values[this.count] = value;
    this.count += 1;
  }

  /** Value at `index`; NaN outside. */
  at(index: number): number {
    return index >= 0 && index < this.count ? this.values[index]! : Number.NaN;
  }
}
