/** Reads frames until `count` events are there; comments and `retry` are skipped. */
export class EventReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = '';
  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
  }
  async next(count: number): Promise<{ id?: string; event?: string; data?: string }[]> {
    const found: Record<string, string>[] = [];
    for (;;) {
      for (;;) {
        const end = this.#text.indexOf('\n\n');
        if (end < 0 || found.length === count) break;
        const lines = this.#text.slice(0, end).split('\n');
        this.#text = this.#text.slice(end + 2);
        const fields = Object.fromEntries(
          lines.filter((line) => /^[a-z]+: /.test(line)).map((line) => line.split(/: (.*)/s).slice(0, 2)),
        ) as Record<string, string>;
        if (fields.event !== undefined) found.push(fields);
      }
      if (found.length === count) return found;
      const { done, value } = await this.#reader.read();
      if (done) return found;
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }
  close(): Promise<void> {
    return this.#reader.cancel().catch(() => {});
  }
}
