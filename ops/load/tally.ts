import { median } from '../../oracles/reducers/medians.ts';

/** What became of the requests of one operation. */
export class OperationTally {
  planned = 0;
  /** By status, or by the name of what went wrong on the way. */
  readonly outcomes = new Map<string, number>();
  /** The first answer of each outcome that is an error. */
  readonly examples = new Map<string, string>();
  /** From the moment at which the request was due, so that a stall counts for all who waited. */
  readonly #latenciesMs: number[] = [];

  take(outcome: string, latencyMs: number, text: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    this.#latenciesMs.push(latencyMs);
    if (outcome !== '200' && !this.examples.has(outcome)) this.examples.set(outcome, text.slice(0, 300));
  }

  get answered(): number {
    return this.#latenciesMs.length;
  }

  /** Everything that is not 200; `deliberate` statuses are counted apart. */
  errors(deliberate: readonly string[] = []): number {
    let errors = 0;
    for (const [outcome, count] of this.outcomes) {
      if (outcome !== '200' && !deliberate.includes(outcome)) errors += count;
    }
    return errors;
  }

  percentile(share: number): number {
    const sorted = Float64Array.from(this.#latenciesMs).sort();
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  }

  get medianMs(): number {
    return median(this.#latenciesMs) ?? Number.NaN;
  }
}
