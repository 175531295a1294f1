/** How equity and requirements of an account move with one price, and the price at which they were worked out. */
export interface Gradient {
  price: number;
  equity: number;
  initial: number;
  maintenance: number;
  /** The slopes hold near the price only: options, and requirements that are the worst of several. */
  curved: boolean;
}

export interface Totals {
  readonly equity: number;
  readonly initial: number;
  readonly maintenance: number;
  /** Cost of closing what the account holds. */
  readonly closing: number;
  /** Share of the initial requirement below which net initial margin warns. */
  readonly warningRatio: number;
}

/** Distances to: maintenance, initial margin, the warning, insolvency. Negative = beyond. */
const KINDS = 4;
/** So near a threshold (share of equity and requirement) the sign of a double decides nothing. */
const GUARD = 1e-6;
/** Share of the price by which it may move before curved slopes are worked out anew. */
const STRAIGHT = 0.002;

/** Accounts that hold something of one feed, with the four slopes of each. */
interface Rows {
  /** Price up to which the distances have been moved; NaN before the first account. */
  price: number;
  count: number;
  /** -1: given up. */
  places: Int32Array;
  slopes: Float64Array;
  /** Price of the last exact margin; NaN where the slopes hold everywhere. */
  anchors: Float64Array;
  readonly free: number[];
}

/** Distances of many accounts to their thresholds, moved along with prices. Flat arrays: a tick visits every holder. */
export class Distances {
  readonly #feeds = new Map<string, Rows>();
  #distances = new Float64Array(1024 * KINDS);
  #guards = new Float64Array(1024);
  /** The cost of closing moves with prices too, by no known slope: the last distance decides nothing within half of it. */
  #closing = new Float64Array(1024);
  /** Signs at the last exact margin, a bit per distance. */
  #signs = new Uint8Array(1024);
  /** Round in which a place was looked at last. */
  #seen = new Uint32Array(1024);
  #round = 0;
  readonly #rowsOf: (readonly { readonly rows: Rows; readonly at: number }[] | undefined)[] = [];

  has(feedId: string): boolean {
    return this.#feeds.has(feedId);
  }

  *holders(feedId: string): Generator<number> {
    const { places, count } = this.#feeds.get(feedId)!;
    for (let at = 0; at < count; at++) if (places[at]! >= 0) yield places[at]!;
  }

  /** Sets the distances of a place from its exact margin. */
  set(place: number, totals: Totals, gradients: ReadonlyMap<string, Gradient>): void {
    this.forget(place);
    this.#room(place);
    const { equity, initial, maintenance, closing, warningRatio } = totals;
    const base = place * KINDS;
    const d = this.#distances;
    d[base] = equity - maintenance;
    d[base + 1] = equity - initial;
    d[base + 2] = equity - initial * (1 + warningRatio);
    d[base + 3] = equity - closing;
    this.#signs[place] = signsAt(d, base);
    this.#guards[place] = GUARD * (Math.abs(equity) + initial);
    this.#closing[place] = closing / 2;
    this.#rowsOf[place] = [...gradients].map(([feedId, slope]) => {
      const rows = this.#rows(feedId);
      if (Number.isNaN(rows.price)) rows.price = slope.price;
      const at = rows.free.pop() ?? rows.count++;
      if (at >= rows.places.length) grow(rows);
      rows.places[at] = place;
      rows.anchors[at] = slope.curved ? slope.price : Number.NaN;
      const slopes = [
        slope.equity - slope.maintenance,
        slope.equity - slope.initial,
        slope.equity - slope.initial * (1 + warningRatio),
        slope.equity,
      ];
      slopes.forEach((value, kind) => {
        rows.slopes[at * KINDS + kind] = value;
        // From the price of the margin to the one that all others have been moved to.
        if (value !== 0) d[base + kind]! += value * (rows.price - slope.price);
      });
      return { rows, at };
    });
  }

  forget(place: number): void {
    for (const { rows, at } of this.#rowsOf[place] ?? []) {
      rows.places[at] = -1;
      rows.slopes.fill(0, at * KINDS, (at + 1) * KINDS);
      rows.free.push(at);
    }
    this.#rowsOf[place] = [];
  }

  /** Moves the distances of every holder of the feed to a price. */
  move(feedId: string, price: number): void {
    const rows = this.#rows(feedId);
    const by = price - rows.price;
    rows.price = price;
    if (by === 0 || Number.isNaN(by)) return;
    const { places, slopes, count } = rows;
    const d = this.#distances;
    for (let at = 0; at < count; at++) {
      const place = places[at]!;
      if (place < 0) continue;
      const to = place * KINDS;
      const from = at * KINDS;
      d[to]! += slopes[from]! * by;
      d[to + 1]! += slopes[from + 1]! * by;
      d[to + 2]! += slopes[from + 2]! * by;
      d[to + 3]! += slopes[from + 3]! * by;
    }
  }

  /** Holders of these feeds of which a distance has another sign than at their last exact margin, or is as good as 0. */
  crossed(feedIds: readonly string[]): number[] {
    this.#round += 1;
    const found: number[] = [];
    const d = this.#distances;
    for (const feedId of feedIds) {
      const { places, count, anchors, price } = this.#rows(feedId);
      for (let at = 0; at < count; at++) {
        const place = places[at]!;
        if (place < 0 || this.#seen[place] === this.#round) continue;
        const anchor = anchors[at]!;
        const bent = Math.abs(price - anchor) > STRAIGHT * anchor;
        const base = place * KINDS;
        const guard = this.#guards[place]!;
        const near =
          Math.abs(d[base]!) < guard ||
          Math.abs(d[base + 1]!) < guard ||
          Math.abs(d[base + 2]!) < guard ||
          Math.abs(d[base + 3]!) < this.#closing[place]!;
        if (!bent && !near && signsAt(d, base) === this.#signs[place]) continue;
        this.#seen[place] = this.#round;
        found.push(place);
      }
    }
    return found;
  }

  #rows(feedId: string): Rows {
    let rows = this.#feeds.get(feedId);
    if (rows === undefined) {
      const room = 256;
      rows = {
        price: Number.NaN,
        count: 0,
        places: new Int32Array(room),
        slopes: new Float64Array(room * KINDS),
        anchors: new Float64Array(room),
        free: [],
      };
      this.#feeds.set(feedId, rows);
    }
    return rows;
  }

  #room(place: number): void {
    if (place < this.#guards.length) return;
    const room = Math.max(place + 1, this.#guards.length * 2);
    this.#distances = copied(new Float64Array(room * KINDS), this.#distances);
    this.#guards = copied(new Float64Array(room), this.#guards);
    this.#closing = copied(new Float64Array(room), this.#closing);
    this.#signs = copied(new Uint8Array(room), this.#signs);
    this.#seen = copied(new Uint32Array(room), this.#seen);
  }
}

function signsAt(d: Float64Array, base: number): number {
  return (
    (d[base]! < 0 ? 1 : 0) |
    (d[base + 1]! < 0 ? 2 : 0) |
    (d[base + 2]! < 0 ? 4 : 0) |
    (d[base + 3]! < 0 ? 8 : 0)
  );
}

function grow(rows: Rows): void {
  rows.places = copied(new Int32Array(rows.places.length * 2), rows.places);
  rows.anchors = copied(new Float64Array(rows.anchors.length * 2), rows.anchors);
  rows.slopes = copied(new Float64Array(rows.slopes.length * 2), rows.slopes);
}

function copied<T extends { set(from: T): void }>(to: T, from: T): T {
  to.set(from);
  return to;
}
