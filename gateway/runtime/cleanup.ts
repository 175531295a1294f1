/** What was started, to be stopped in reverse order. */
export class Cleanup {
  readonly #steps: { readonly name: string; readonly stop: () => Promise<unknown> | unknown }[] = [];
  #running: Promise<void> | null = null;

  /** Registers how to stop something that was just started. */
  add(name: string, stop: () => Promise<unknown> | unknown): void {
    this.#steps.push({ name, stop });
  }

  /** Stops everything, last started first. A step that fails is reported and does not hold up the others. */
  run(onFailure: (name: string, error: unknown) => void): Promise<void> {
    this.#running ??= (async () => {
      for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
        try {
          await step.stop();
        } catch (error) {
          onFailure(step.name, error);
        }
      }
    })();
    return this.#running;
  }
}
