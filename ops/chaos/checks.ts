/** One thing that must hold, with how often it was looked at and every time it did not. */
export interface Check {
  readonly name: string;
  readonly examined: number;
  readonly violations: readonly string[];
}

/** Collects what was found. A check that never looked at anything has failed. */
export class Checks {
  readonly #found = new Map<string, { examined: number; violations: string[] }>();

  /** States that a check belongs to the run, even when it comes to look at nothing. */
  expect(...names: readonly string[]): void {
    for (const name of names) this.#of(name);
  }

  examine(name: string, count = 1): void {
    this.#of(name).examined += count;
  }

  violated(name: string, what: string): void {
    this.#of(name).violations.push(what);
  }

  /** Looks once: null is good, a text says what is wrong. */
  note(name: string, problem: string | null): void {
    this.examine(name);
    if (problem !== null) this.violated(name, problem);
  }

  all(): readonly Check[] {
    return [...this.#found].map(([name, found]) => ({ name, ...found }));
  }

  #of(name: string) {
    const found = this.#found.get(name) ?? { examined: 0, violations: [] };
    this.#found.set(name, found);
    return found;
  }
}

export const holds = ({ examined, violations }: Check): boolean => examined > 0 && violations.length === 0;
