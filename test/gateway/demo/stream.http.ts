import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestDemo, type TestDemo } from '../../helpers/demo.ts';
import { until } from '../../helpers/until.ts';

interface Heard {
  readonly id: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Reads server-sent events until it is closed. */
function listenTo(url: string, lastEventId?: string) {
  const controller = new AbortController();
  const heard: Heard[] = [];
  const done = (async () => {
    const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const response = await fetch(url, { headers, signal: controller.signal });
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const fields = new Map(
          text
            .slice(0, end)
            .split('\n')
            .map((line): [string, string] => [
              line.slice(0, line.indexOf(':')),
              line.slice(line.indexOf(':') + 1).trim(),
            ]),
        );
        text = text.slice(end + 2);
        if (!fields.has('id')) continue;
        heard.push({
          id: fields.get('id')!,
          event: fields.get('event')!,
          data: JSON.parse(fields.get('data')!),
        });
      }
    }
  })().catch(() => undefined);
  return {
    heard,
    close: async () => {
      controller.abort();
      await done;
    },
  };
}

describe('the event stream of a running service', () => {
  let demo: TestDemo;
  beforeAll(async () => {
    demo = await startTestDemo(['--speed', '120']);
    await until(
      'everything ready',
      async () => {
        const text = JSON.stringify((await demo.ask('/ready')).body);
        return text.includes('4 of 4 feeds') && text.includes('4 of 4 assets');
      },
      110_000,
    );
  });
  afterAll(async () => {
    expect((await demo?.close()) ?? []).toEqual([]);
  });

  it('tells prices as they move and an account that falls, and resumes after the last event seen', async () => {
    const first = listenTo(`${demo.url}/v1/stream?topics=price,margin`);
    const body = {
      sequence: 1,
      cash: '100',
      positions: [
        { id: 'p', kind: 'perp', market: 'BTC-PERP', size: '1', entryPrice: '60000', chain: 'hub' },
      ],
    };
    expect((await demo.put('/v1/accounts/dave/positions', body)).status).toBe(200);
    const change = await until('the margin event', () => first.heard.find(({ event }) => event === 'margin'));
    expect(change.data).toMatchObject({ accountId: 'dave', sequence: 1, previousStatus: null });
    expect(['liquidatable', 'insolvent']).toContain(change.data.status);
    await until('moving prices', () => new Set(first.heard.map(({ data }) => data.price)).size > 5);
    await first.close();

    const seen = first.heard.at(-1)!;
    const second = listenTo(`${demo.url}/v1/stream?topics=price,margin`, seen.id);
    await until('what came after', () => second.heard.length > 3);
    const ids = second.heard.map(({ id }) => id);
    expect(ids).not.toContain(seen.id);
    expect(first.heard.some(({ id }) => ids.includes(id))).toBe(false);
    await second.close();
  });
});
